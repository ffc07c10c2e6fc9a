#include "http/auth/token_search.hpp"

#include "http/auth/limits/received_ns.hpp"

namespace tessera::http {

token_search find_token(std::string_view shown, const request& from, const token_judges& by) {
  if (!by.verifier || shown.empty()) return {};
  if (auto known = by.verifier->recall(shown, by.now)) return {std::move(known), std::nullopt};
  if (by.calls) {
    auto left = by.calls->look_at_nobody(address_of(from, by.trusted_proxies), received_ns(from));
    if (left.refused) return {std::nullopt, std::move(left.refused)};
  }
  return {by.verifier->verify(shown, by.now), std::nullopt};
}

} // namespace tessera::http
