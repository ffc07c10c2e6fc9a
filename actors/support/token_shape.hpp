#pragma once

#include <algorithm>
#include <string_view>

namespace tessera {

/// True for `prefix` and 43 characters of base64url, as token_secret makes them.
inline bool has_token_shape(std::string_view text, std::string_view prefix) {
  const auto is_base64url = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  if (text.size() != prefix.size() + 43 || !text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return std::all_of(text.begin(), text.end(), is_base64url);
}

} // namespace tessera
