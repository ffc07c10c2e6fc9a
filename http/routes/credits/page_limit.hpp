#pragma once

#include <cstdint>

namespace tessera::http {

/// Of a list whose `limit` is not given.
inline constexpr std::int64_t default_limit = 50;

} // namespace tessera::http
