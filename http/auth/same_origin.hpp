#pragma once

#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"

#include <optional>
#include <string_view>

namespace tessera::http {

/// 403 of a call that changes something and that cookies would let in, unless one of our own pages makes it:
/// a browser sends cookies whoever makes it call (decision 0026). Nothing of a call that only reads: its
/// answer is for our own pages alone (http/server/cross_origin.hpp).
std::optional<problem> why_cross_origin(const request& asked, std::string_view public_base_url);

} // namespace tessera::http
