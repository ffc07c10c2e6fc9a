// POST /api/auth/refresh: a refresh token is good once, and gives the next one.
#include "actors/support/sha256.hpp"
#include "http/auth/limits/sign_in_limits.hpp"
#include "http/json/reader.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routing/rejections.hpp"

#include <spdlog/spdlog.h>

namespace tessera::http {

namespace {

problem invalid_token() {
  return not_signed_in("invalid_refresh_token", "The refresh token is not valid: sign in again");
}

response answer_of(
    const service& with,
    const request& asked,
    const result<session_opened>& renewed,
    std::string_view token,
    const sign_in_limits::attempt& counted
) {
  using outcome = session_opened::outcome;
  if (!renewed) {
    with.sign_ins->forgive(counted);
    return to_response(problem_of(renewed.why()), asked);
  }
  if (renewed->what == outcome::open) {
    with.sign_ins->forgive(counted);
    return session_answer(with, *renewed, token);
  }
  if (renewed->what == outcome::reused)
    spdlog::warn(
        "auth: a refresh token was used twice; session {} has ended [{}]",
        to_string(renewed->session),
        asked.request_id
    );
  return to_response(invalid_token(), asked);
}

} // namespace

handler refresh(service& with) {
  return [&with](request& request, const responder& respond) {
    json::reader reader(request.body);
    const auto given = reader.object().string("refreshToken", {.most = 8'192});
    if (const auto wrong = reader.refusal()) return respond(to_response(*wrong, request));
    const auto counted =
        with.sign_ins->begin(address_of(request, with.trusted_proxies), request.received_at_us * 1'000);
    if (counted.refused) return respond(to_response(*counted.refused, request));
    const auto hash = refresh_token_sha256(given);
    if (!hash) return respond(to_response(invalid_token(), request));
    const auto next = make_refresh_token();
    with.behind.renew(
        {*hash, {sha256::local()(next), with.refresh_life}},
        [&with, &request, respond, next, counted](const result<session_opened>& renewed) {
          auto answer = answer_of(with, request, renewed, next, counted);
          for (const auto& header : counted.headers)
            answer.headers.push_back(header);
          respond(std::move(answer));
        }
    );
  };
}

} // namespace tessera::http
