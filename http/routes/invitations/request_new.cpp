// POST /api/invitations/request-new: asks whoever invited for a new one. Answered alike whatever becomes of
// it.
#include "http/auth/limits/added_headers.hpp"
#include "http/json/reader.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/token_call.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/query.hpp"
#include "messages/invitation_errands.hpp"

namespace tessera::http {

namespace {

response requested() {
  response answer;
  answer.status = 202;
  answer.body = R"({"success":true})";
  return answer;
}

} // namespace

handler request_new_invitation(service& with) {
  return [&with](request& request, responder respond) {
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto token = fields.string("token");
    if (const auto wrong = or_of_query(reader.refusal(), request.query))
      return respond(to_response(*wrong, request));
    auto entry = enter_with_token(token, request, with);
    respond = with_headers(respond, std::move(entry.headers));
    if (entry.refused && entry.refused->status == 429) return respond(to_response(*entry.refused, request));
    if (!entry.sha256) return respond(requested());
    with.behind.change(
        invitation_call{std::make_shared<const invitation_errand>(invitation_errand{
            tessera::request_new_invitation{*entry.sha256, invitation_origin_of(request, with)}})},
        [&with, &request, respond](const result<invitation_answer>& told) {
          if (!told) return respond(to_response(problem_of(told.why()), request));
          if (told->refused) note_failure(request, with);
          respond(requested());
        }
    );
  };
}

} // namespace tessera::http
