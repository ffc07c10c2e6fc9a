#pragma once

#include "http/auth/access_token.hpp"
#include "http/auth/tokens/claims.hpp"
#include "http/auth/tokens/compact.hpp"
#include "http/auth/tokens/external_issuers.hpp"
#include "http/auth/tokens/key_ring.hpp"
#include "http/auth/tokens/verified_tokens.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

struct access_token_options {
  std::string issuer = "tessera"; // iss of our own; `aud` is always tessera
  std::chrono::seconds life{900};
};

/// Makes access tokens and verifies them, our own and those of external issuers (decision 0026). Safe from
/// any thread.
class access_tokens final : public token_verifier {
public:
  access_tokens(access_token_options options, key_ring& own, const external_issuers& others)
      : options_(std::move(options)), own_(own), others_(others) {}

  /// The token of a session that begins or goes on.
  std::string
  issue(const tenant_id& tenant, std::string_view user, const uuid& session, time_point now) const;
  std::chrono::seconds life() const { return options_.life; }
  std::string jwk_set() const { return own_.jwk_set(); }

  std::optional<access_token> verify(std::string_view bearer, time_point now) override;
  std::optional<access_token> recall(std::string_view bearer, time_point now) override;
  std::optional<external_person> person_of(std::string_view bearer, time_point now) const override;

private:
  std::optional<access_token> check(std::string_view bearer, time_point now) const;
  std::optional<access_token> check_own(const compact_token& token, const token_claims& claims) const;
  std::optional<access_token> check_external(
      const external_issuers::known_issuer& from, const compact_token& token, const token_claims& claims
  ) const;

  access_token_options options_;
  key_ring& own_;
  const external_issuers& others_;
  verified_tokens verified_;
};

} // namespace tessera::http
