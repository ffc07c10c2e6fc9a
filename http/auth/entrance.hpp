#pragma once

#include "http/auth/access_token.hpp"
#include "http/auth/caller.hpp"
#include "http/auth/limits/call_limits.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tessera::http {

/// What the door is made of.
struct entrance_options {
  std::optional<digest> operator_key_sha256; // nothing: no operator over HTTP
  token_verifier* verifier = nullptr;        // null: no access tokens are known
  std::function<time_point()> now;           // by the database's clock
  call_limits* calls = nullptr;              // null: nobody is limited
  std::vector<ip_network> trusted_proxies;   // whose X-Forwarded-For counts
  std::string public_base_url;               // of the pages that may change things with cookies
};

/// The one door to every route that needs to know who calls: by an API key, the operator's key, or an access
/// token, which a browser may keep in a cookie. 401 without a valid one, 403 for whoever may do the act
/// nowhere. Where, and for which application, is the route's to check after the syntax of the body (contract
/// 2 `order of checks`): `find_entity`, `find_application`, `why_may_not`.
class entrance {
public:
  entrance(gateway& behind, entrance_options options);
  /// Wraps a route.
  handler to(act what, caller_handler handle) const;
  /// The same for whoever is known: the route itself finds out what they want to do.
  handler to_whatever(caller_handler handle) const;

private:
  class passage;
  handler through(std::optional<act> what, caller_handler handle) const;

  gateway& behind_;
  std::shared_ptr<const entrance_options> options_;
};

} // namespace tessera::http
