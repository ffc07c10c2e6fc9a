#pragma once

#include "http/auth/limits/addresses.hpp"
#include "http/auth/limits/rate_table.hpp"
#include "http/routing/problem.hpp"
#include "messages/types/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// What one caller may call. 0: as much as the node can do.
struct call_limit_options {
  std::int64_t key_per_second = 0;                 // of one API key
  std::int64_t user_per_minute = 6'000;            // of one user
  std::int64_t unauthenticated_per_minute = 6'000; // of one address, calls that nobody's key or token lets in
  double scale = 1;
};

/// How often somebody may call. Safe from any thread; a limit that is off costs nothing.
class call_limits {
public:
  explicit call_limits(const call_limit_options& options);

  /// Empty headers: there is no limit.
  struct verdict {
    std::optional<problem> refused; // 429
    std::vector<std::pair<std::string_view, std::string>> headers;
  };
  /// `key_hash`: any 64 bits of the key's SHA-256.
  verdict call_of_key(std::uint64_t key_hash, std::int64_t now_ns);
  verdict call_of_user(const uuid& tenant, std::string_view user, std::int64_t now_ns);
  /// Somebody whom nothing lets in.
  verdict call_of_nobody(const ip_address& from, std::int64_t now_ns);
  /// What `call_of_nobody` would say; does not count.
  verdict look_at_nobody(const ip_address& from, std::int64_t now_ns);

private:
  rate_table keys_;
  rate_table users_;
  rate_table addresses_;
};

} // namespace tessera::http
