#pragma once

#include "http/routing/request.hpp"
#include "http/routing/response.hpp"
#include "http/routing/router.hpp"
#include "http/server/options.hpp"

#include <optional>
#include <string_view>

namespace tessera::http {

/// The origin of the page whose script calls, when it is on the list, letter for letter; empty otherwise. Its
/// credentials travel in a header that it sets itself: cookies are for pages of our own origin (decision
/// 0026).
std::string_view allowed_origin(const request& from, const server_options& options);

/// What OPTIONS is answered: 204 with the path's methods, and for a preflight (Fetch 3.2.2) of an allowed
/// origin what it may send. Nothing when it is another method, or there is no such path.
std::optional<response> answer_options(const router& routes, request& asked, std::string_view origin);

/// The lines about origins in the head of an answer. `origin` empty: none is allowed.
std::string origin_lines(std::string_view origin);

} // namespace tessera::http
