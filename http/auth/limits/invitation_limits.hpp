#pragma once

#include "http/auth/limits/addresses.hpp"
#include "http/auth/limits/rate_table.hpp"
#include "http/routing/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// How often an address may come with a token, and how often with one that is nobody's (R-I 3.5): guessing
/// slows the address down, and changes nothing about any invitation (W-48). Safe from any thread.
class invitation_limits {
public:
  explicit invitation_limits(double scale);

  struct verdict {
    std::optional<problem> refused; // 429
    std::vector<std::pair<std::string_view, std::string>> headers;
  };
  /// A call with a token.
  verdict begin(const ip_address& from, std::int64_t now_ns);
  /// The token of that call was nobody's.
  void failed(const ip_address& from, std::int64_t now_ns);

private:
  rate_table calls_;
  rate_table failures_;
};

} // namespace tessera::http
