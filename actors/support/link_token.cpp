#include "actors/support/link_token.hpp"

#include <algorithm>

namespace tessera {

namespace {

constexpr std::string_view prefix = "tsl_";
constexpr std::size_t length = 4 + 43;

bool is_base64url(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

} // namespace

std::string link_token(const token_secret& secret, std::string_view link) {
  return secret.token(prefix, "invitation-link/v1", link, 0);
}

bool is_link_token(std::string_view text) {
  return text.size() == length && text.starts_with(prefix) &&
         std::all_of(text.begin() + prefix.size(), text.end(), is_base64url);
}

} // namespace tessera
