#pragma once

#include "actors/support/token_secret.hpp"
#include "messages/types/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Standard Webhooks: how whoever gets a delivery can tell that it is ours.
namespace tessera {

/// What deliveries to that endpoint are signed with; a new one each generation.
digest webhook_secret(const token_secret& of, std::string_view endpoint, std::int64_t generation);
/// `whsec_` and base64: what the receiver is given.
std::string webhook_secret_text(const digest& secret);

/// `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. The timestamp is in seconds since 1970.
std::string
webhook_signature(const digest& secret, std::string_view id, std::int64_t timestamp, std::string_view body);

} // namespace tessera
