#pragma once

#include "http/json/reader.hpp"
#include "http/routing/request.hpp"

#include <optional>

namespace tessera::http {

/// Of a call that says everything in its path: no body, or an object without fields.
inline std::optional<problem> wrong_body(const request& asked) {
  if (asked.body.empty()) return std::nullopt;
  json::reader reader(asked.body);
  static_cast<void>(reader.object());
  return reader.refusal();
}

} // namespace tessera::http
