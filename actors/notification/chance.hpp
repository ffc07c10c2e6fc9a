#pragma once

#include "actors/support/identifiers.hpp"

#include <cstdint>

namespace tessera {

/// From [0, 1): which notification waits how long is nobody's secret.
inline double chance() {
  std::uint32_t bits = 0;
  random_bytes(&bits, sizeof bits);
  return bits / 4294967296.0;
}

} // namespace tessera
