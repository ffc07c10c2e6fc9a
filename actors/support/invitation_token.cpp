#include "actors/support/invitation_token.hpp"

#include <algorithm>

namespace tessera {

namespace {

constexpr std::string_view prefix = "tsi_";
constexpr std::size_t length = 4 + 43;

constexpr std::string_view opening = "{tsi:"; // `{tsi:inv-1:2}`

bool is_base64url(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

} // namespace

std::string invitation_token(
    const token_secret& secret,
    std::string_view invitation,
    invitation_channel channel,
    std::int64_t generation
) {
  const auto purpose = "invitation/" + std::string(to_string(channel)) + "/v1";
  return secret.token(prefix, purpose, invitation, generation);
}

bool is_invitation_token(std::string_view text) {
  return text.size() == length && text.starts_with(prefix) &&
         std::all_of(text.begin() + prefix.size(), text.end(), is_base64url);
}

std::string token_placeholder(std::string_view invitation, std::int64_t generation) {
  return std::string(opening) + std::string(invitation) + ":" + std::to_string(generation) + "}";
}

} // namespace tessera
