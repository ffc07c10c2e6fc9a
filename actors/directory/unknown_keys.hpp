#pragma once

#include "messages/types/digest.hpp"

#include <chrono>
#include <cstddef>
#include <map>

namespace tessera {

/// Keys that nobody has, remembered for a second: who shows one again and again does not make the database
/// look for it each time.
class unknown_keys {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds remembered{1};
  static constexpr std::size_t most = 1'024;

  bool has(const digest& key_sha256, clock::time_point now) const {
    const auto found = looked_for_.find(key_sha256);
    return found != looked_for_.end() && now - found->second < remembered;
  }
  /// Beyond the bound it is not remembered.
  void add(const digest& key_sha256, clock::time_point now) {
    if (looked_for_.size() >= most)
      std::erase_if(looked_for_, [now](const auto& one) { return now - one.second >= remembered; });
    if (looked_for_.size() < most) looked_for_.insert_or_assign(key_sha256, now);
  }
  std::size_t size() const { return looked_for_.size(); }

private:
  std::map<digest, clock::time_point> looked_for_;
};

} // namespace tessera
