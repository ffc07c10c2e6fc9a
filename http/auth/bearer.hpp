#pragma once

#include "http/routing/characters.hpp"
#include "http/routing/request.hpp"

#include <optional>
#include <string_view>

namespace tessera::http {

/// What follows `Bearer ` in the request's Authorization (RFC 6750 2.1).
inline std::optional<std::string_view> bearer_token(const request& from) {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = from.header("Authorization");
  if (!header || header->size() <= scheme.size()) return std::nullopt;
  if (!equal_ignoring_case(header->substr(0, scheme.size()), scheme)) return std::nullopt;
  return header->substr(scheme.size());
}

} // namespace tessera::http
