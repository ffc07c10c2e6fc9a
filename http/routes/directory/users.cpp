// GET /api/users[/:id]: those whom the caller may see, with what of their assignments the caller may know.
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routes/directory/user_json.hpp"
#include "http/routes/directory/visible_access.hpp"

#include <utility>

namespace tessera::http {

namespace {

struct user_filter {
  page_question page;
  std::optional<user_role> role;
  std::optional<bool> active;
};

user_filter read(query_reader& query) {
  user_filter asked;
  asked.page = read_page(query);
  if (const auto role =
          query.choice("role", {"user", "location_manager", "organization_admin", "tenant_admin"}))
    asked.role = static_cast<user_role>(*role + 1);
  if (const auto status = query.choice("status", {"active", "disabled"})) asked.active = *status == 0;
  return asked;
}

cursor_purpose purpose_of(const list_users& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/users").add(to_string(wanted.tenant));
  purpose.add(wanted.role ? to_string(*wanted.role) : "");
  return purpose.add(wanted.active ? std::int64_t{*wanted.active} : -1);
}

response render(
    const user_page& page,
    const list_users& wanted,
    const visible_access& shows,
    const service& with,
    const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("users").begin_array();
  for (const auto& each : page.users) {
    out.begin_object();
    write_user(out, each, shows);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(page.users.back().id) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

} // namespace

visible_access visible_to(const caller& who) {
  return {
      [who, reached = reach_of(who.rights, act::read_users, *who.tenant)](const assignment& each) {
        if (reached.whole) return true;
        const auto* entity = who.tenant->find(each.account);
        return entity && reached.includes(*who.tenant, *entity);
      },
      [who](const std::string& application) { return may_use(who.rights, application); }};
}

caller_handler users(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    list_users wanted{
        who.tenant->tenant, part_of(who, act::read_users), asked.role, asked.active, asked.page.limit, {}};
    if (const auto forged = open_page(with, purpose_of(wanted), asked.page, wanted.after))
      return refuse(*forged);
    with.behind.list(
        wanted,
        [&with, &request, respond, refuse, wanted, shows = visible_to(who)](const result<user_page>& page) {
          page ? respond(render(*page, wanted, shows, with, request)) : refuse(problem_of(page.why()));
        }
    );
  };
}

namespace {

/// Whom the caller may not see: 403 when the tenant has them, else 404.
void answer_unseen(
    service& with, user_query wanted, const rejection& why, const responder& respond, const request& request
) {
  if (why.code != errc::user_unknown || wanted.part.everything)
    return respond(to_response(problem_of(why), request));
  wanted.part = {};
  with.behind.find(std::move(wanted), [respond, &request](const result<user_view>& found) {
    respond(to_response(problem_of(found ? rejection(errc::entity_out_of_scope) : found.why()), request));
  });
}

} // namespace

caller_handler one_user(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const std::string id(request.parameters.front());
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    if (!is_valid_id(id)) return refuse(problem_of(errc::user_unknown));
    const user_query wanted{who.tenant->tenant, part_of(who, act::read_users), id};
    with.behind.find(
        wanted,
        [&with, &request, respond, wanted, shows = visible_to(who)](const result<user_view>& found) {
          if (!found) return answer_unseen(with, wanted, found.why(), respond, request);
          respond(to_response(word_user(*found, shows)));
        }
    );
  };
}

} // namespace tessera::http
