#pragma once

#include "actors/support/email_address.hpp"

#include <string_view>

/// What string_rules of several routes accept.
namespace tessera::http {

inline bool is_email(std::string_view text) {
  return email_key(text).has_value();
}

/// BCP 47 as far as it is used: `en`, `pt-BR`.
inline bool is_language(std::string_view text) {
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
      return false;
  return text.size() >= 2 && text.front() != '-' && text.back() != '-';
}

} // namespace tessera::http
