#include "http/auth/limits/call_limits.hpp"

#include "http/auth/limits/rate_headers.hpp"

#include <cmath>
#include <functional>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

rate scaled(std::int64_t most, std::chrono::nanoseconds period, double scale) {
  if (most == 0) return {};
  return {std::max<std::int64_t>(std::llround(static_cast<double>(most) * scale), 1), period};
}

/// Spreads a hash over all its bits: the table takes its shard from the upper ones.
std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdull;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ull;
  return value ^ value >> 33;
}

std::uint64_t hash_of(std::string_view text) {
  return mixed(std::hash<std::string_view>()(text));
}

std::uint64_t hash_of(const ip_address& address) {
  return hash_of({reinterpret_cast<const char*>(address.data()), address.size()});
}

constexpr std::string_view nobody = "unauthenticated";

call_limits::verdict word(const rate_table& table, std::string_view policy, const rate_verdict& said) {
  if (!said.allowed) return {rate_limited(policy, table.limit(), said), {}};
  return {std::nullopt, rate_headers(policy, table.limit(), said)};
}

call_limits::verdict
judge(rate_table& table, std::string_view policy, std::uint64_t key, std::int64_t now_ns) {
  if (!table.limit().is_limited()) return {};
  return word(table, policy, table.take(key, now_ns));
}

} // namespace

call_limits::call_limits(const call_limit_options& options)
    : keys_(scaled(options.key_per_second, 1s, options.scale)),
      users_(scaled(options.user_per_minute, 1min, options.scale)),
      addresses_(scaled(options.unauthenticated_per_minute, 1min, options.scale)) {}

call_limits::verdict call_limits::call_of_key(std::uint64_t key_hash, std::int64_t now_ns) {
  return judge(keys_, "key", mixed(key_hash), now_ns);
}

call_limits::verdict
call_limits::call_of_user(const uuid& tenant, std::string_view user, std::int64_t now_ns) {
  return judge(users_, "user", hash_of(user) ^ mixed(std::hash<uuid>()(tenant)), now_ns);
}

call_limits::verdict call_limits::call_of_nobody(const ip_address& from, std::int64_t now_ns) {
  return judge(addresses_, nobody, hash_of(client_of(from)), now_ns);
}

call_limits::verdict call_limits::look_at_nobody(const ip_address& from, std::int64_t now_ns) {
  if (!addresses_.limit().is_limited()) return {};
  return word(addresses_, nobody, addresses_.look(hash_of(client_of(from)), now_ns));
}

} // namespace tessera::http
