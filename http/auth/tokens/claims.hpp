#pragma once

#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// What a token says (RFC 7519 4.1, and what is ours). Times are seconds since 1970.
struct token_claims {
  std::string issuer;
  std::vector<std::string> audiences;
  std::string subject;
  std::int64_t expires_at = 0;
  std::optional<std::int64_t> not_before;
  std::optional<std::int64_t> issued_at;

  // Ours.
  std::string tenant;
  std::string session;
  std::optional<std::int64_t> issued_at_us; // a second is too coarse beside a change of password

  // Of external issuers (OpenID Connect 5.1).
  std::string email;
  bool email_verified = false;

  bool is_for(std::string_view audience) const;
};

/// Nothing when it is no JSON object, a claim has another type than it must (`exp` is an integer, no text, no
/// fraction), or `iss`, `sub` or `exp` is missing.
std::optional<token_claims> read_claims(std::string_view json);

/// Begun, give or take a minute, and not over; not issued in the future or before 1970.
bool are_in_time(const token_claims& claims, time_point now);

} // namespace tessera::http
