#pragma once

#include "actors/providers/document_watch.hpp"
#include "config/settings.hpp"
#include "http/auth/limits/call_limits.hpp"
#include "http/auth/limits/invitation_limits.hpp"
#include "http/auth/limits/sign_in_limits.hpp"
#include "http/auth/tokens/access_tokens.hpp"
#include "http/routes/service.hpp"

#include <string>

namespace tessera::cli {

/// What signing in is made of: keys, issuers and what fetches their keys, tokens, limits.
class sign_in {
public:
  /// Throws std::runtime_error when the signing keys or the issuers can't be used.
  sign_in(const config::settings& settings, const std::string& database_url, const std::string& base_url);

  void serve(http::service& service);
  /// Reads the files again that have changed.
  void reload();
  const watch_statistics& issuer_keys() const { return issuer_keys_.statistics(); }

private:
  std::chrono::seconds refresh_life_;
  http::key_ring keys_;
  http::external_issuers issuers_;
  http::access_tokens tokens_;
  http::sign_in_limits sign_ins_;
  http::call_limits calls_;
  http::invitation_limits tokens_shown_;
  std::vector<http::ip_network> trusted_proxies_;
  document_watch issuer_keys_; // last: its thread uses the issuers
};

} // namespace tessera::cli
