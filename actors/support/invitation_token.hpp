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

/// Stands for the token of the direct link in an answer that is kept: no token is at rest. Whoever puts the
/// token in looks at the place where it must stand, for callers may write the same.
std::string token_placeholder(std::string_view invitation, std::int64_t generation);

} // namespace tessera
