#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tessera {

/// An instant, UTC, in microseconds: what PostgreSQL keeps and what the ledger hashes.
using time_point = std::chrono::sys_time<std::chrono::microseconds>;

inline std::int64_t to_microseconds(time_point at) {
  return at.time_since_epoch().count();
}
inline time_point from_microseconds(std::int64_t us) {
  return time_point{std::chrono::microseconds{us}};
}

/// RFC 3339, UTC with `Z`; six decimals, none when the fraction is zero.
std::string to_rfc3339(time_point at);

} // namespace tessera
