#pragma once

#include "actors/support/token_secret.hpp"
#include "messages/invitations.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The tokens of invitations (R-I 3.2): one for each channel and generation, derived whenever somebody has to
/// be told.
namespace tessera {

/// `tsi_` and 43 characters of base64url.
std::string invitation_token(
    const token_secret& secret,
    std::string_view invitation,
    invitation_channel channel,
    std::int64_t generation
);

/// True for what `invitation_token` could have made.
bool is_invitation_token(std::string_view text);

/// Stands for the token of the direct link in an answer that is kept: no token is at rest.
std::string token_placeholder(std::string_view invitation, std::int64_t generation);
/// The text with the tokens in place of what stands for them.
std::string with_tokens(const token_secret& secret, std::string text);

} // namespace tessera
