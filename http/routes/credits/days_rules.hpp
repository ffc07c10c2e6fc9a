#pragma once

#include "http/json/reader.hpp"

namespace tessera::http {

/// For how many days credits are valid.
inline constexpr json::integer_rules days_rules{.least = 1, .most = 36'500};

} // namespace tessera::http
