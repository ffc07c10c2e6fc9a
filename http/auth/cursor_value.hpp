#pragma once

#include "http/auth/cursor.hpp"

#include <cstring>
#include <type_traits>

namespace tessera::http {

/// Positions that are a value of a few fields: its bytes are sealed as they are. The cursors of another build
/// are those of another purpose where the value has another size.
template <class Value>
std::string seal_value(const digest& key, const cursor_purpose& purpose, const Value& position) {
  static_assert(std::has_unique_object_representations_v<Value>, "no padding: the bytes are signed");
  std::string bytes(sizeof position, '\0');
  std::memcpy(bytes.data(), &position, sizeof position);
  return seal_cursor(key, purpose, bytes);
}

/// Nothing for anything that `seal_value` has not made with that key for that purpose.
template <class Value>
std::optional<Value> open_value(const digest& key, const cursor_purpose& purpose, std::string_view cursor) {
  static_assert(std::has_unique_object_representations_v<Value>, "no padding: the bytes are signed");
  const auto bytes = open_cursor(key, purpose, cursor);
  Value position;
  if (!bytes || bytes->size() != sizeof position) return std::nullopt;
  std::memcpy(&position, bytes->data(), sizeof position);
  return position;
}

} // namespace tessera::http
