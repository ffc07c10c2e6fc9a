#pragma once

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// Who an access token is for. What they may do is in the directory (decision 0024).
struct access_token {
  tenant_id tenant;
  std::string user;     // empty: whoever (issuer, subject) is in the tenant
  uuid session;         // nil: of an external issuer, which has sessions of its own
  time_point issued_at; // as the token says it: of an external issuer the beginning of a second
  time_point expires_at;
  std::string issuer; // of an external one only, with its subject
  std::string subject;
};

/// Somebody at an external issuer, with the address that it vouches for.
struct external_person {
  tenant_id tenant;
  std::string issuer;
  std::string subject;
  std::string email; // empty: none that is verified
};

class token_verifier {
public:
  virtual ~token_verifier() = default;
  /// Signature, issuer, audience, times. Nothing about what the bearer may do. Remembers what it verified.
  /// Nothing: not a valid token. Called on io threads, by several at once.
  virtual std::optional<access_token> verify(std::string_view bearer, time_point now) = 0;
  /// What `verify` remembers, and no more: costs little.
  virtual std::optional<access_token> recall(std::string_view, time_point) { return std::nullopt; }
  /// Who the bearer of an external token is; nothing unless it is a valid one. Remembers nothing.
  virtual std::optional<external_person> person_of(std::string_view, time_point) const {
    return std::nullopt;
  }
};

} // namespace tessera::http
