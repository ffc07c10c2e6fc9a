// POST /api/auth/logout: ends the session of the bearer, or of the refresh token in the body. Once it is over
// that is what it is: a second call is answered like the first.
#include "http/auth/access_token.hpp"
#include "http/auth/bearer.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

std::optional<problem> read(std::string_view body, end_session& into) {
  if (body.empty()) return std::nullopt;
  json::reader reader(body);
  auto fields = reader.object();
  if (const auto given = fields.optional_string("refreshToken", {.most = 8'192}))
    into.token_sha256 = refresh_token_sha256(*given).value_or(digest{}); // of no token: nothing is ended
  return reader.refusal();
}

/// The session that the access token names. False: there is no valid one.
bool read_bearer(const service& with, const request& asked, end_session& into) {
  const auto bearer = bearer_token(asked);
  const auto token = bearer ? with.verifier->verify(*bearer, with.now()) : std::nullopt;
  if (!token || token->session.is_nil()) return false;
  into.tenant = token->tenant;
  into.session = token->session;
  return true;
}

} // namespace

handler logout(service& with) {
  return [&with](request& request, const responder& respond) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    end_session command;
    const bool has_bearer = read_bearer(with, request, command);
    if (!has_bearer && request.body.empty())
      return refuse(not_signed_in("unauthorized", "Whose session is it to be?"));
    if (const auto wrong = read(request.body, command)) return refuse(*wrong);
    if (!has_bearer && !command.token_sha256)
      return refuse(not_signed_in("unauthorized", "Whose session is it to be?"));
    with.behind.end(command, [respond, refuse](const result<session_ended>& ended) {
      ended ? respond({.body = R"({"success":true})"}) : refuse(problem_of(ended.why()));
    });
  };
}

} // namespace tessera::http
