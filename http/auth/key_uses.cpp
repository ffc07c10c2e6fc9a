#include "http/auth/key_uses.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace tessera::http {

namespace {

constexpr std::int64_t minute_us = 60'000'000;
constexpr std::size_t most_remembered = 100'000; // beyond it all are forgotten, and written down once more

/// Two keys of one hash share a minute: the second is then a minute late.
std::size_t hash_of(const tenant_id& tenant, std::string_view key) {
  return std::hash<std::string_view>{}(key)*31 + std::hash<tenant_id>{}(tenant);
}

} // namespace

void note_key_use(gateway& behind, const caller& who, const request& request) {
  thread_local std::unordered_map<std::size_t, std::int64_t> noted;
  const auto* key = who.rights.key();
  if (!key) return;
  const auto [seen, is_new] = noted.try_emplace(hash_of(who.tenant->tenant, key->id), request.received_at_us);
  if (!is_new && request.received_at_us - seen->second < minute_us) return;
  seen->second = request.received_at_us;
  if (noted.size() > most_remembered) noted.clear();
  behind.note(api_key_used{who.tenant->tenant, key->id});
}

} // namespace tessera::http
