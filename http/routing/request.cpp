#include "http/routing/request.hpp"

#include "http/routing/characters.hpp"

namespace tessera::http {

std::optional<std::string_view> request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

} // namespace tessera::http
