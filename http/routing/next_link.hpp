#pragma once

#include "http/routing/request.hpp"

#include <string>
#include <string_view>

namespace tessera::http {

/// The value of the header `Link` that names the next page: the request's own query with this cursor
/// (RFC 8288). `cursor` must need no encoding.
std::string next_link(const request& request, std::string_view cursor);

} // namespace tessera::http
