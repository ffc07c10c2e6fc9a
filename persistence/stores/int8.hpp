#pragma once

#include <cstdint>

namespace tessera::persistence {

/// A number of an entry as PostgreSQL keeps it: none comes near the sign.
constexpr std::int64_t int8_of(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

} // namespace tessera::persistence
