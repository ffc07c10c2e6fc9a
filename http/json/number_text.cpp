#include "http/json/number_text.hpp"

namespace tessera::http::json {

namespace {

/// The position after the string that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at)
    if (json[at] == '\\') ++at;
  return at + 1;
}

std::size_t skip_blanks(std::string_view json, std::size_t at) {
  return json.find_first_not_of(" \t\r\n", at);
}

std::string_view number_at(std::string_view json, std::size_t at) {
  const auto end = json.find_first_not_of("+-.0123456789eE", at);
  return json.substr(at, end == json.npos ? json.npos : end - at);
}

} // namespace

std::string_view number_text(std::string_view json, std::string_view field) {
  int depth = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c != '"') {
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      ++at;
      continue;
    }
    const auto end = end_of_string(json, at);
    if (end > json.size()) return {};
    const auto text = json.substr(at + 1, end - at - 2);
    const auto colon = skip_blanks(json, end);
    at = end;
    // A text before a colon is a name, no value.
    if (depth != 1 || text != field || colon == json.npos || json[colon] != ':') continue;
    const auto value = skip_blanks(json, colon + 1);
    return value == json.npos ? std::string_view{} : number_at(json, value);
  }
  return {};
}

} // namespace tessera::http::json
