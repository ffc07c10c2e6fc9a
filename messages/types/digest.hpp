#pragma once

#include "messages/types/uuid.hpp"

#include <array>
#include <cstdint>
#include <functional>

namespace tessera {

/// A SHA-256. 32 zero bytes stand for "before the first".
using digest = std::array<std::uint8_t, 32>;

/// What makes a repeated call recognisable: 16 bytes of SHA-256(tenant, route, key), and 16 bytes of the
/// SHA-256 of the parsed command. Same key with another fingerprint is refused (contract 2 `idempotency`).
struct idempotency_key {
  uuid key;
  uuid fingerprint;

  friend bool operator==(const idempotency_key&, const idempotency_key&) = default;
};

} // namespace tessera
