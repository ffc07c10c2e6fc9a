#include "actors/support/invitation_token.hpp"

#include "actors/support/token_shape.hpp"

namespace tessera {

namespace {

constexpr std::string_view invitation_prefix = "tsi_";

constexpr std::string_view opening = "{tsi:"; // `{tsi:inv-1:2}`

} // namespace

std::string invitation_token(
    const token_secret& secret,
    std::string_view invitation,
    invitation_channel channel,
    std::int64_t generation
) {
  const auto purpose = "invitation/" + std::string(to_string(channel)) + "/v1";
  return secret.token(invitation_prefix, purpose, invitation, generation);
}

bool is_invitation_token(std::string_view text) {
  return has_token_shape(text, invitation_prefix);
}

std::string token_placeholder(std::string_view invitation, std::int64_t generation) {
  return std::string(opening) + std::string(invitation) + ":" + std::to_string(generation) + "}";
}

} // namespace tessera
