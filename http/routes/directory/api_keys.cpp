// GET /api/api-keys[/:id]: without the keys themselves, which nobody has.
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/key_fields.hpp"
#include "http/routes/directory/pages.hpp"

namespace tessera::http {

namespace {

cursor_purpose purpose_of(const list_api_keys& wanted) {
  return cursor_purpose().add("GET /api/api-keys").add(to_string(wanted.tenant));
}

response
render(const api_key_page& page, const list_api_keys& wanted, const service& with, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("apiKeys").begin_array();
  for (const auto& each : page.keys) {
    out.begin_object();
    write_api_key(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(page.keys.back().id) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

} // namespace

caller_handler api_keys(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    list_api_keys wanted{who.tenant->tenant, part_of(who, act::manage_keys), asked.limit, {}};
    if (const auto forged = open_page(with, purpose_of(wanted), asked, wanted.after)) return refuse(*forged);
    with.behind.list(wanted, [&with, &request, respond, refuse, wanted](const result<api_key_page>& page) {
      page ? respond(render(*page, wanted, with, request)) : refuse(problem_of(page.why()));
    });
  };
}

caller_handler one_api_key(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const std::string id(request.parameters.front());
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    if (!is_valid_id(id)) return refuse(problem_of(errc::api_key_unknown));
    with.behind.find(
        api_key_query{who.tenant->tenant, part_of(who, act::manage_keys), id},
        [respond, refuse](const result<api_key_view>& found) {
          found ? respond(to_response(word_api_key(*found))) : refuse(problem_of(found.why()));
        }
    );
  };
}

} // namespace tessera::http
