// POST /api/applications
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/own_applications.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view create_application_template = "POST /api/applications";

kept_answer word_made_application(const application_created& made) {
  kept_answer answer{201, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("applicationId", made.id).end_object();
  return answer;
}

} // namespace

caller_handler create_application(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto fields = reader.object();
    tessera::create_application command{
        who.tenant->tenant, std::string(fields.string("id", id_rules)), {}, {}};
    command.name = fields.string("name", {.most = 200});
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    // It is the whole tenant's: a bound key does not reach that far.
    if (const auto refused = why_may_not(who, act::edit_applications, who.tenant->tree.root()))
      return refuse(*refused);
    if (const auto refused = why_not_use(who, command.id)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const auto once = own_key(
        request,
        who,
        command.tenant,
        create_application_template,
        key,
        fingerprint().add(command.id).add(command.name)
    );
    command.origin = origin_of(request, who);
    with.behind.change(
        repeatable<tessera::create_application, application_created>{command, once, word_made_application},
        [respond, refuse](const result<kept_answer>& told) {
          told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
        }
    );
  };
}

} // namespace tessera::http
