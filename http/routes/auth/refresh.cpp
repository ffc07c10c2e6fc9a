// POST /api/auth/refresh: a refresh token, of the body or of the cookie, is good once, and gives the next
// one.
#include "actors/support/sha256.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/limits/sign_in_limits.hpp"
#include "http/auth/same_origin.hpp"
#include "http/json/reader.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routing/rejections.hpp"

#include <spdlog/spdlog.h>

namespace tessera::http {

namespace {

struct shown_token {
  std::optional<digest> sha256; // nothing: it has not the form of one
  token_keeper keeper = token_keeper::caller;
};

/// Without a token in the body it is left to the cookie, if there is one.
std::optional<problem> read_body(std::string_view body, shown_token& into) {
  const bool has_cookie = into.keeper == token_keeper::browser;
  if (has_cookie && body.empty()) return std::nullopt;
  json::reader reader(body);
  auto fields = reader.object();
  if (!has_cookie || fields.has("refreshToken")) {
    into.keeper = token_keeper::caller;
    into.sha256 = refresh_token_sha256(fields.string("refreshToken", {.most = 8'192}));
  }
  return reader.refusal();
}

std::optional<problem> read(const request& asked, std::string_view public_base_url, shown_token& into) {
  const auto cookie = find_cookie(asked, refresh_cookie);
  if (cookie.is_there) into.keeper = token_keeper::browser;
  if (auto wrong = read_body(asked.body, into)) return wrong;
  if (into.keeper == token_keeper::caller) return std::nullopt;
  into.sha256 = refresh_token_sha256(cookie.value);
  return why_cross_origin(asked, public_base_url);
}

/// 401. A browser need not show the token again.
response refuse(const request& asked, token_keeper keeper) {
  auto answer = to_response(
      not_signed_in("invalid_refresh_token", "The refresh token is not valid: sign in again"), asked
  );
  if (keeper == token_keeper::browser) forget_session(answer);
  return answer;
}

response answer_of(
    const service& with,
    const request& asked,
    const result<session_opened>& renewed,
    std::string_view token,
    token_keeper keeper,
    const sign_in_limits::attempt& counted
) {
  using outcome = session_opened::outcome;
  if (!renewed) {
    with.sign_ins->forgive(counted);
    return to_response(problem_of(renewed.why()), asked);
  }
  if (renewed->what == outcome::open) {
    with.sign_ins->forgive(counted);
    return session_answer(with, *renewed, token, keeper);
  }
  if (renewed->what == outcome::reused)
    spdlog::warn(
        "auth: a refresh token was used twice; session {} has ended [{}]",
        to_string(renewed->session),
        asked.request_id
    );
  return refuse(asked, keeper);
}

} // namespace

handler refresh(service& with) {
  return [&with](request& request, const responder& respond) {
    shown_token shown;
    if (const auto wrong = read(request, with.public_base_url, shown))
      return respond(to_response(*wrong, request));
    const auto counted =
        with.sign_ins->begin(address_of(request, with.trusted_proxies), request.received_at_us * 1'000);
    if (counted.refused) return respond(to_response(*counted.refused, request));
    if (!shown.sha256) return respond(refuse(request, shown.keeper));
    const auto next = make_refresh_token();
    with.behind.renew(
        {*shown.sha256, {sha256::local()(next), with.refresh_life}},
        [&with, &request, respond, next, counted, keeper = shown.keeper](const result<session_opened>& renewed
        ) {
          auto answer = answer_of(with, request, renewed, next, keeper, counted);
          for (const auto& header : counted.headers)
            answer.headers.push_back(header);
          respond(std::move(answer));
        }
    );
  };
}

} // namespace tessera::http
