// GET /api/applications[/:id].
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/entity_json.hpp"
#include "http/routes/directory/own_applications.hpp"
#include "http/routes/directory/pages.hpp"

namespace tessera::http {

namespace {

cursor_purpose purpose_of(const list_applications& wanted) {
  return cursor_purpose().add("GET /api/applications").add(to_string(wanted.tenant));
}

response render(
    const application_page& page, const list_applications& wanted, const service& with, const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("applications").begin_array();
  for (const auto& each : page.applications) {
    out.begin_object();
    write_application(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(page.applications.back().id) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

} // namespace

problem application_problem(const rejection& why) {
  if (why.code != errc::application_unknown) return problem_of(why);
  return simple_problem(404, "application_unknown", "There is no such application");
}

std::optional<problem> why_not_use(const caller& who, std::string_view application) {
  // What can't be a name is not judged: it is told what is wrong with it.
  if (!is_valid_id(application) || may_use(who.rights, application)) return std::nullopt;
  return problem_of(errc::application_forbidden);
}

std::optional<problem> why_not_own(const caller& who, std::string_view application) {
  if (!is_valid_id(application) || may_use(who.rights, application)) return std::nullopt;
  if (!who.tenant->applications.contains(std::string(application)))
    return judge_unknown(who, application_problem(errc::application_unknown));
  return problem_of(errc::application_forbidden);
}

std::optional<std::vector<std::string>> own_applications(const caller& who) {
  if (const auto* key = who.rights.key()) {
    if (key->application.empty()) return std::nullopt;
    return std::vector{key->application};
  }
  if (who.rights.has_whole_tenant()) return std::nullopt;
  return who.rights.user()->applications;
}

caller_handler applications(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    list_applications wanted{who.tenant->tenant, own_applications(who), asked.limit, {}};
    if (const auto forged = open_page(with, purpose_of(wanted), asked, wanted.after)) return refuse(*forged);
    with.behind.list(
        wanted,
        [&with, &request, respond, refuse, wanted](const result<application_page>& page) {
          page ? respond(render(*page, wanted, with, request)) : refuse(problem_of(page.why()));
        }
    );
  };
}

caller_handler one_application(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const std::string id(request.parameters.front());
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    if (const auto refused = why_not_own(who, id)) return refuse(*refused);
    if (!is_valid_id(id)) return refuse(application_problem(errc::application_unknown));
    with.behind.find(
        application_query{who.tenant->tenant, id},
        [respond, refuse](const result<application_view>& found) {
          found ? respond(to_response(word_application(*found))) : refuse(application_problem(found.why()));
        }
    );
  };
}

} // namespace tessera::http
