#pragma once

#include "http/routing/request.hpp"

namespace tessera::http {

/// When it came, as limits count: nanoseconds since 1970.
inline std::int64_t received_ns(const request& from) {
  return from.received_at_us * 1'000;
}

} // namespace tessera::http
