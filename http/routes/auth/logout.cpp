// POST /api/auth/logout: ends the session of the bearer and that of the refresh token in the body; without
// either, those of the browser's cookies. Once it is over that is what it is: a second call is answered like
// the first.
#include "http/auth/bearer.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/limits/sign_in_limits.hpp"
#include "http/auth/same_origin.hpp"
#include "http/auth/token_search.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routing/rejections.hpp"

#include <utility>
#include <vector>

namespace tessera::http {

namespace {

constexpr std::int64_t ns_per_us = 1'000;

/// Which sessions they are to be, and who keeps their tokens.
struct named_sessions {
  std::vector<end_session> all;
  bool by_access_token = false; // who calls is known
  token_keeper keeper = token_keeper::caller;
};

/// The session that the access token names, if it is a valid one of ours. 429.
std::optional<problem>
read_token(const service& with, std::string_view given, const request& asked, named_sessions& into) {
  auto token = find_token(given, asked, {with.verifier, with.now(), with.calls, with.trusted_proxies});
  if (token.refused) return std::move(token.refused);
  if (token.found && !token.found->session.is_nil()) {
    into.all.push_back({token.found->tenant, token.found->session, {}});
    into.by_access_token = true;
  }
  if (token.found || given.empty() || !with.calls) return std::nullopt;
  return with.calls->call_of_nobody(address_of(asked, with.trusted_proxies), asked.received_at_us * ns_per_us)
      .refused;
}

void name_by(const digest& refresh_token, named_sessions& into) {
  into.all.push_back({{}, {}, refresh_token});
}

std::optional<problem> read_body(std::string_view body, named_sessions& into) {
  if (body.empty()) return std::nullopt;
  json::reader reader(body);
  auto fields = reader.object();
  if (const auto given = fields.optional_string("refreshToken", {.most = 8'192}))
    name_by(refresh_token_sha256(*given).value_or(digest{}), into); // of no token: nothing is ended
  return reader.refusal();
}

/// The access token in the cookie is over sooner than the refresh token.
std::optional<problem> read_cookies(const service& with, const request& asked, named_sessions& into) {
  const auto access = find_cookie(asked, access_cookie);
  const auto refresh = find_cookie(asked, refresh_cookie);
  if (!access.is_there && !refresh.is_there) return std::nullopt;
  if (auto foreign = why_cross_origin(asked, with.public_base_url)) return foreign;
  if (auto limited = read_token(with, access.value, asked, into)) return limited;
  into.keeper = token_keeper::browser;
  if (const auto hash = refresh_token_sha256(refresh.value)) name_by(*hash, into);
  return std::nullopt;
}

/// What the caller sets goes before what the browser adds.
std::optional<problem> read(const service& with, const request& asked, named_sessions& into) {
  if (auto wrong = read_body(asked.body, into)) return wrong;
  if (auto limited = read_token(with, bearer_token(asked).value_or(std::string_view()), asked, into))
    return limited;
  if (into.all.empty())
    if (auto refused = read_cookies(with, asked, into)) return refused;
  if (!into.all.empty()) return std::nullopt;
  return not_signed_in("unauthorized", "Whose session is it to be?");
}

/// One after another; tells whether one of them was not over yet.
void end_each(service& with, std::vector<end_session> left, bool any, const callback<session_ended>& done) {
  if (left.empty()) return done(session_ended{any});
  const auto next = left.back();
  left.pop_back();
  with.behind.end(next, [&with, left, any, done](const result<session_ended>& told) {
    told ? end_each(with, left, any || told->ended, done) : done(told.why());
  });
}

} // namespace

handler logout(service& with) {
  return [&with](request& request, const responder& respond) {
    named_sessions named;
    const auto wrong = read(with, request, named);
    const auto answer = [respond, keeper = named.keeper](response told) {
      if (keeper == token_keeper::browser) forget_session(told);
      respond(std::move(told));
    };
    if (wrong) return answer(to_response(*wrong, request));
    // Whoever shows a refresh token alone may be guessing: it counts unless a session has ended by it.
    sign_in_limits::attempt counted;
    if (!named.by_access_token)
      counted =
          with.sign_ins->begin(address_of(request, with.trusted_proxies), request.received_at_us * ns_per_us);
    if (counted.refused) return respond(to_response(*counted.refused, request));
    const auto tell = [&with, &request, respond, answer, counted](const result<session_ended>& ended) {
      if (!ended || ended->ended) with.sign_ins->forgive(counted);
      // When nobody knows whether it has ended, the browser can ask again.
      if (!ended) return respond(to_response(problem_of(ended.why()), request));
      answer({.body = R"({"success":true})"});
    };
    end_each(with, std::move(named.all), false, tell);
  };
}

} // namespace tessera::http
