#pragma once

#include "http/auth/limits/invitation_limits.hpp"
#include "http/routes/service.hpp"
#include "messages/invitations.hpp"

#include <optional>
#include <string_view>

/// Calls that bring a token: what they have in common.
namespace tessera::http {

/// Counts the call against its address. 404 for what no token looks like, without asking anybody.
struct token_entry {
  std::optional<digest> sha256;
  std::optional<problem> refused;
  std::vector<std::pair<std::string_view, std::string>> headers;
};
token_entry begin_with_token(const request& request, const service& with); // the first half of it
token_entry enter_with_token(std::string_view token, const request& request, const service& with);
/// The token was nobody's: that counts more.
void note_failure(const request& request, const service& with);

/// How a token that is dead is answered.
problem dead_token(const invitation_refusal& why, bool can_request_new);

} // namespace tessera::http
