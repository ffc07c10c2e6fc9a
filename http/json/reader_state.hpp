#pragma once

#include "http/json/document.hpp"
#include "http/routing/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http::json {

constexpr std::uint32_t none = UINT32_MAX;

/// A value that was reached: a field of an opened object, an item of an opened array, or the root.
struct entry {
  simdjson::dom::element element;
  std::uint32_t parent = none; // the entry of the container
  std::uint32_t index = 0;     // of an item
  std::string_view key;        // of a field
  bool is_field = false;
  bool read = false;
  std::uint32_t opened = none; // the object, or the first item of the array, when it was opened already
};

/// An opened object: its fields are entries [first, end).
struct container {
  std::uint32_t entry;
  std::uint32_t first;
  std::uint32_t end;
  std::uint32_t hint;   // where the search begins: bodies mostly have the order in which routes read
  std::uint32_t unread; // every field before it was read
};

/// What a reader and its handles share. Kept between readers for its memory.
struct reader_state {
  document parsed;
  std::string_view body;
  std::string syntax_error;
  std::vector<entry> entries;
  std::vector<container> objects;
  std::vector<field_error> errors;
  std::size_t errors_left_out = 0;
  bool wrong_type = false;
  bool busy = false;

  void start(std::string_view given);
  void finish();

  std::uint32_t open_object(std::uint32_t at);
  std::uint32_t find(std::uint32_t object, std::string_view name);

  std::string pointer(std::uint32_t at) const;
  void reject(std::string pointer, std::string_view code, std::string detail);
  void reject_type(std::uint32_t at, std::string_view expected);
  void reject_unread_fields();
};

} // namespace tessera::http::json
