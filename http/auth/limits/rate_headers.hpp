#pragma once

#include "http/auth/limits/gcra.hpp"
#include "http/routing/problem.hpp"
#include "messages/send_limits.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers, structured fields): what the
/// limit is and what is left of it.
std::vector<std::pair<std::string_view, std::string>>
rate_headers(std::string_view policy, const rate& limit, const rate_verdict& verdict);

/// The same of limits that are counted elsewhere; none: no headers.
std::vector<std::pair<std::string_view, std::string>> limit_headers(const std::vector<limit_use>& limits);

/// 429 with those and `Retry-After`.
problem rate_limited(std::string_view policy, const rate& limit, const rate_verdict& verdict);

} // namespace tessera::http
