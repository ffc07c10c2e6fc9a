#include "tools/bench/load/json_line.hpp"

#include <cstdio>

namespace tessera::bench {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out += '"';
}

} // namespace

json_line& json_line::add(std::string_view name, std::string_view value) {
  return raw(name, quoted(value));
}

json_line& json_line::add(std::string_view name, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3f", value);
  return raw(name, text);
}

json_line& json_line::raw(std::string_view name, std::string_view text) {
  if (!fields_.empty()) fields_ += ',';
  fields_ += quoted(name);
  fields_ += ':';
  fields_ += text;
  return *this;
}

} // namespace tessera::bench
