#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tessera::http {

/// What a `Stripe-Signature` header says of a body.
enum class signature : std::uint8_t {
  good,
  malformed, // no time, or no v1
  no_match,  // nobody who knows a secret signed this
  too_old,   // or from the future
};

/// `t=SECONDS,v1=HEX,v1=HEX`: one v1 must be HMAC-SHA256(secret, t "." body) with any of the secrets. Every
/// one is compared in constant time; v0 counts for nothing. The time may be five minutes off.
signature verify_stripe_signature(
    std::string_view body, std::string_view header, std::span<const std::string> secrets, std::int64_t now
);

} // namespace tessera::http
