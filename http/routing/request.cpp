#include "http/routing/request.hpp"

#include "http/routing/characters.hpp"

namespace tessera::http {

std::optional<std::string_view> request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::string request::log_name() const {
  return traceparent.empty() ? request_id : request_id + " " + traceparent;
}

} // namespace tessera::http
