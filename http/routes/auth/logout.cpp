// POST /api/auth/logout: ends the session of the bearer, of the refresh token in the body, or of the
// browser's cookies. Once it is over that is what it is: a second call is answered like the first.
#include "http/auth/access_token.hpp"
#include "http/auth/bearer.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/same_origin.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

/// Whose session it is to be, and who keeps its tokens.
struct named_session {
  end_session command;
  token_keeper keeper = token_keeper::caller;
  bool is_named() const { return command.tenant || command.token_sha256; }
};

/// The session that the access token names, if it is a valid one of ours.
void read_token(const service& with, std::string_view given, end_session& into) {
  const auto token = given.empty() ? std::nullopt : with.verifier->verify(given, with.now());
  if (!token || token->session.is_nil()) return;
  into.tenant = token->tenant;
  into.session = token->session;
}

std::optional<problem> read_body(std::string_view body, end_session& into) {
  if (body.empty()) return std::nullopt;
  json::reader reader(body);
  auto fields = reader.object();
  if (const auto given = fields.optional_string("refreshToken", {.most = 8'192}))
    into.token_sha256 = refresh_token_sha256(*given).value_or(digest{}); // of no token: nothing is ended
  return reader.refusal();
}

/// The access token in the cookie is over sooner than the refresh token.
std::optional<problem> read_cookies(const service& with, const request& asked, named_session& into) {
  const auto access = find_cookie(asked, access_cookie);
  const auto refresh = find_cookie(asked, refresh_cookie);
  if (!access.is_there && !refresh.is_there) return std::nullopt;
  if (auto foreign = why_cross_origin(asked, with.public_base_url)) return foreign;
  into.keeper = token_keeper::browser;
  read_token(with, access.value, into.command);
  if (!into.is_named()) into.command.token_sha256 = refresh_token_sha256(refresh.value);
  return std::nullopt;
}

/// What the caller sets goes before what the browser adds.
std::optional<problem> read(const service& with, const request& asked, named_session& into) {
  read_token(with, bearer_token(asked).value_or(std::string_view()), into.command);
  if (auto wrong = read_body(asked.body, into.command)) return wrong;
  if (!into.is_named())
    if (auto foreign = read_cookies(with, asked, into)) return foreign;
  if (into.is_named()) return std::nullopt;
  return not_signed_in("unauthorized", "Whose session is it to be?");
}

} // namespace

handler logout(service& with) {
  return [&with](request& request, const responder& respond) {
    named_session named;
    const auto wrong = read(with, request, named);
    const auto answer = [respond, keeper = named.keeper](response told) {
      if (keeper == token_keeper::browser) forget_session(told);
      respond(std::move(told));
    };
    if (wrong) return answer(to_response(*wrong, request));
    with.behind.end(named.command, [&request, respond, answer](const result<session_ended>& ended) {
      // When nobody knows whether it has ended, the browser can ask again.
      if (!ended) return respond(to_response(problem_of(ended.why()), request));
      answer({.body = R"({"success":true})"});
    });
  };
}

} // namespace tessera::http
