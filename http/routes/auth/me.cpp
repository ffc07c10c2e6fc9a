// GET /api/auth/me
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

response answer_of(const user_profile& user) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("user");
  write_user(out, user);
  out.end_object();
  return answer;
}

} // namespace

caller_handler me(service& with) {
  return [&with](request& request, const responder& respond, const caller& who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto* user = who.rights.user();
    if (!user)
      return refuse(simple_problem(403, "insufficient_role", "Nobody has signed in", "The caller is no user.")
      );
    with.behind.find(
        profile_query{who.tenant->tenant, user->id},
        [respond, refuse](const result<user_profile>& found) {
          if (!found) return refuse(problem_of(found.why()));
          // Removed a moment ago: the token is not good for long.
          if (found->user.empty()) return refuse(not_signed_in("unauthorized", "Who are you?"));
          respond(answer_of(*found));
        }
    );
  };
}

} // namespace tessera::http
