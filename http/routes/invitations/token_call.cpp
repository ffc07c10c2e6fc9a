#include "http/routes/invitations/token_call.hpp"

#include "actors/support/invitation_token.hpp"
#include "actors/support/sha256.hpp"
#include "http/routing/invitation_problem.hpp"

namespace tessera::http {

namespace {

constexpr std::int64_t ns_per_us = 1'000;

} // namespace

token_entry begin_with_token(const request& request, const service& with) {
  if (!with.tokens_shown) return {};
  auto said =
      with.tokens_shown->begin(address_of(request, with.trusted_proxies), request.received_at_us * ns_per_us);
  return {std::nullopt, std::move(said.refused), std::move(said.headers)};
}

token_entry enter_with_token(std::string_view token, const request& request, const service& with) {
  auto entry = begin_with_token(request, with);
  if (entry.refused) return entry;
  if (is_invitation_token(token)) {
    entry.sha256 = sha256::local()(token);
    return entry;
  }
  note_failure(request, with);
  entry.refused = problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0});
  return entry;
}

void note_failure(const request& request, const service& with) {
  if (with.tokens_shown)
    with.tokens_shown->failed(address_of(request, with.trusted_proxies), request.received_at_us * ns_per_us);
}

problem dead_token(const invitation_refusal& why, bool can_request_new) {
  auto told = problem_of(why);
  if (can_request_new) told.extensions = "\"canRequestNew\":true";
  return told;
}

} // namespace tessera::http
