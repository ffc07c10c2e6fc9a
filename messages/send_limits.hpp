#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

/// How often somebody may invite (R-I 3.5).
namespace tessera {

struct send_limit {
  std::string_view name;
  std::int64_t most = 0;
  std::chrono::seconds window{0};
};

/// How much of it is left.
struct limit_use {
  send_limit limit;
  std::int64_t left = 0;
  std::chrono::seconds reset{0}; // none left: until there is one; else until all are
};

} // namespace tessera
