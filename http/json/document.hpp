#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

namespace tessera::http::json {

/// Objects and arrays inside each other, the outermost included.
constexpr std::size_t max_depth = 32;

/// Parses a body that comes from outside and is not believed. Beyond what simdjson refuses (trailing commas,
/// a second document, a byte order mark, broken UTF-8) these are errors: nesting above max_depth, a key that
/// stands twice, a NUL (PostgreSQL stores none), half a surrogate pair, and the integer `-0`, which no two
/// programs read alike.
class document {
public:
  /// Returns what is wrong, or an empty text. The root and all text in it live until the next `parse`.
  std::string parse(std::string_view body);
  simdjson::dom::element root() const { return root_; }

private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  std::vector<std::string_view> keys_; // scratch of the search for duplicates
};

} // namespace tessera::http::json
