// POST /api/applications
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

response render(const application_created& made) {
  response answer;
  answer.status = 201;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("applicationId", made.id).end_object();
  return answer;
}

} // namespace

caller_handler create_application(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    json::reader reader(request.body);
    auto fields = reader.object();
    tessera::create_application command{who.tenant->tenant, std::string(fields.string("id", id_rules)), {}};
    command.name = fields.string("name", {.most = 200});
    if (const auto wrong = reader.refusal()) return refuse(*wrong);
    if (who.key->bound_to)
      return refuse(simple_problem(403, "entity_out_of_scope", "The key is bound to an entity"));
    with.behind.create(command, [respond, refuse](result<application_created> made) {
      made ? respond(render(*made)) : refuse(problem_of(made.why()));
    });
  };
}

} // namespace tessera::http
