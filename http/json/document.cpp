#include "http/json/document.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tessera::http::json {

namespace {

namespace dom = simdjson::dom;

using key_stack = std::vector<std::string_view>;

/// The text of a key that stands twice in the object, or nothing.
std::optional<std::string_view> duplicate_key(const dom::object& object, key_stack& keys) {
  keys.clear();
  for (const auto field : object)
    keys.push_back(field.key);
  if (keys.size() <= 16) {
    for (auto key = keys.begin(); key != keys.end(); ++key)
      if (std::find(keys.begin(), key, *key) != key) return *key;
    return std::nullopt;
  }
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  return twice == keys.end() ? std::nullopt : std::optional{*twice};
}

bool is_container(const dom::element& value) {
  return value.is_object() || value.is_array();
}

/// Returns what is wrong below `value`, which stands at `depth`.
std::string check_structure(const dom::element& value, std::size_t depth, key_stack& keys) {
  if (!is_container(value)) return {};
  if (depth > max_depth) return "The nesting is deeper than " + std::to_string(max_depth) + " levels.";
  std::string wrong;
  if (value.is_array()) {
    for (const auto item : dom::array{value.get_array()})
      if (is_container(item) && !(wrong = check_structure(item, depth + 1, keys)).empty()) return wrong;
    return wrong;
  }
  const dom::object object{value.get_object()};
  if (const auto key = duplicate_key(object, keys))
    return "The key \"" + std::string{key->substr(0, 64)} + "\" stands twice in an object.";
  for (const auto field : object)
    if (is_container(field.value) && !(wrong = check_structure(field.value, depth + 1, keys)).empty())
      return wrong;
  return wrong;
}

/// The code unit of `\uXXXX` at the backslash. The parser has seen that the digits are there.
unsigned code_unit(std::string_view body, std::size_t backslash) {
  unsigned unit = 0;
  std::from_chars(body.data() + backslash + 2, body.data() + backslash + 6, unit, 16);
  return unit;
}

/// simdjson reads half a surrogate pair in some places and passes `\u0000` in all.
std::string check_escapes(std::string_view body) {
  for (auto at = body.find('\\'); at != std::string_view::npos; at = body.find('\\', at + 2)) {
    if (body[at + 1] != 'u') continue;
    const auto unit = code_unit(body, at);
    if (unit == 0) return "A string contains a NUL.";
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const bool low_follows =
        unit < 0xdc00 && body.substr(at + 6, 2) == "\\u" && (code_unit(body, at + 6) & 0xfc00u) == 0xdc00u;
    if (!low_follows) return "A string contains half a surrogate pair.";
    at += 6;
  }
  return {};
}

/// Whether `-0` stands somewhere as an integer. `-0.5` and `-0e1` are no integers; in a string it is text.
bool has_negative_zero(std::string_view body) {
  if (body.find("-0") == std::string_view::npos) return false;
  bool in_string = false;
  for (std::size_t at = 0; at < body.size(); ++at) {
    const char c = body[at];
    if (in_string && c == '\\')
      ++at;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && c == '-' && body.substr(at, 2) == "-0") {
      const char next = at + 2 < body.size() ? body[at + 2] : ' ';
      const char before = at > 0 ? to_lower(body[at - 1]) : ' ';
      if (next != '.' && to_lower(next) != 'e' && before != 'e') return true;
    }
  }
  return false;
}

} // namespace

std::string document::parse(std::string_view body) {
  if (body.empty()) return "The body is empty.";
  if (const auto error = parser_.parse(body.data(), body.size()).get(root_))
    return simdjson::error_message(error);
  if (has_negative_zero(body)) return "The integer -0.";
  if (auto wrong = check_escapes(body); !wrong.empty()) return wrong;
  return check_structure(root_, 1, keys_);
}

} // namespace tessera::http::json
