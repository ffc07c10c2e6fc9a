#include "http/auth/limits/invitation_limits.hpp"

#include "http/auth/limits/rate_headers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

rate per_minute(double most, double scale) {
  return {std::max<std::int64_t>(std::llround(most * scale), 1), 1min};
}

std::uint64_t key_of(const ip_address& from) {
  const auto client = client_of(from);
  std::uint64_t halves[2];
  std::memcpy(halves, client.data(), sizeof halves);
  return (halves[0] ^ (halves[1] * 0x9e3779b97f4a7c15ull)) * 0xff51afd7ed558ccdull;
}

} // namespace

invitation_limits::invitation_limits(double scale)
    : calls_(per_minute(30, scale)), failures_(per_minute(10, scale)) {}

invitation_limits::verdict invitation_limits::begin(const ip_address& from, std::int64_t now_ns) {
  const auto key = key_of(from);
  if (const auto failed = failures_.look(key, now_ns); !failed.allowed)
    return {rate_limited("invitation-failures", failures_.limit(), failed), {}};
  const auto said = calls_.take(key, now_ns);
  if (!said.allowed) return {rate_limited("invitation", calls_.limit(), said), {}};
  return {std::nullopt, rate_headers("invitation", calls_.limit(), said)};
}

void invitation_limits::failed(const ip_address& from, std::int64_t now_ns) {
  failures_.take(key_of(from), now_ns);
}

} // namespace tessera::http
