#pragma once

#include "http/json/writer.hpp"
#include "messages/types/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

// Members that are always there, and null when there is nothing to tell.

inline void write_text(json::writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  text.empty() ? out.null() : out.string(text);
}

inline void write_time(json::writer& out, std::string_view name, const std::optional<time_point>& at) {
  out.key(name);
  at ? out.string(to_rfc3339(*at)) : out.null();
}

} // namespace tessera::http
