#pragma once

#include "http/auth/access_token.hpp"
#include "http/auth/limits/call_limits.hpp"
#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tessera::http {

/// By what a token is judged that somebody shows.
struct token_judges {
  token_verifier* verifier; // null: no access tokens are known
  time_point now;
  call_limits* calls; // null: nobody is limited
  const std::vector<ip_network>& trusted_proxies;
};

/// Neither: it is not a valid token.
struct token_search {
  std::optional<access_token> found;
  std::optional<problem> refused; // 429: it was not looked at
};

/// The token of those letters. One that was verified lately is remembered; a signature is verified only for
/// an address from which not too much came lately that nothing let in.
token_search find_token(std::string_view shown, const request& from, const token_judges& by);

} // namespace tessera::http
