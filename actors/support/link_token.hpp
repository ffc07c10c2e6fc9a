#pragma once

#include "actors/support/token_secret.hpp"

#include <string>
#include <string_view>

/// The token of a link that many may use: derived whenever whoever made it has to be told, as those of
/// invitations (R-I 3.2).
namespace tessera {

/// `tsl_` and 43 characters of base64url.
std::string link_token(const token_secret& secret, std::string_view link);

/// True for what `link_token` could have made.
bool is_link_token(std::string_view text);

} // namespace tessera
