#pragma once

#include "http/routing/problem.hpp"
#include "http/routing/router.hpp"
#include "http/server/framing.hpp"

#include <cstdint>
#include <optional>

namespace tessera::http {

/// What the header alone decides, before a byte of the body is read.
struct admission {
  const route* found = nullptr;
  std::optional<problem> refusal; // when nothing was found or its body is not acceptable
};

/// Finds the route and fills the request's parameters. 404, 405, 501 for the path and method; 413, 415 for
/// the body.
admission admit(const router& routes, const request_head& head, request& request);

/// Whether a Content-Type is among the comma-separated `accepted` ones ("" accepts any). A charset must be
/// UTF-8.
bool is_acceptable(std::string_view content_type, std::string_view accepted);

/// What the request shows of who calls, as a hash with a secret of the process: the same for calls with the
/// same bearer or cookies. Never 0.
std::uint64_t caller_shown_by(const request& request);

/// What a probe or a monitor asks for: it must be answered above all under load.
bool is_never_shed(std::string_view path);

} // namespace tessera::http
