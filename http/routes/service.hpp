#pragma once

#include "http/auth/access_token.hpp"
#include "http/auth/limits/addresses.hpp"
#include "http/gateway.hpp"
#include "http/routing/router.hpp"
#include "messages/types/time.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tessera {
class token_secret;
}

namespace tessera::http {

class access_tokens;
class call_limits;
class invitation_limits;
class sign_in_limits;

/// What the routes are made of. Outlives the server.
struct service {
  gateway& behind;
  bool allow_test_payments = false;
  std::string public_base_url;               // of links in answers; without a slash at the end
  std::optional<digest> operator_key_sha256; // nothing: no operator over HTTP
  std::chrono::milliseconds patience{1'900}; // a command that waits longer is dropped undecided
  std::function<time_point()> now;           // by the database's clock
  std::function<std::string()> not_ready;    // why the node is not ready; empty: it is
  std::function<std::string()> metrics;      // Prometheus text
  digest cursor_key{};                       // signs the cursors of pages

  token_verifier* verifier = nullptr;      // null: no access tokens are known
  access_tokens* tokens = nullptr;         // makes what `verifier` verifies
  std::chrono::seconds refresh_life{};     // of a refresh token
  sign_in_limits* sign_ins = nullptr;      // how often signing in may fail
  call_limits* calls = nullptr;            // how often somebody may call
  std::vector<ip_network> trusted_proxies; // whose X-Forwarded-For counts
  /// The PHC string of a password, on the io loop that asked. Empty: nobody can be given one here.
  std::function<void(std::string password, callback<std::string> done)> hash_password;

  const token_secret* secret = nullptr;      // derives the tokens of links; null: there are no such links
  invitation_limits* tokens_shown = nullptr; // how often somebody may come with a token of an invitation
  double limits_scale = 1;                   // of what is counted in the database
  bool takes_stripe = false;                 // there is an account at the provider
  std::vector<std::string> webhook_secrets;  // of the provider; any may sign
};

/// Every route of the API, as data: adding one is adding a row (docs/adding-an-endpoint.md).
std::vector<route> api_routes(service& with);
/// /metrics alone, for a listener of its own.
std::vector<route> admin_routes(service& with);

} // namespace tessera::http
