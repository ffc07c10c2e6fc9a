#pragma once

#include "messages/types/uuid.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace tessera {

/// No access token lives longer: of sessions that ended before there are none left.
inline constexpr std::chrono::hours sessions_remembered_for{1};

/// Sessions that ended after their tenant was read: the one part of a snapshot that grows while it is shared.
/// Safe from any thread; nobody waits while it is empty.
class session_ends {
public:
  using clock = std::chrono::steady_clock;

  bool has(const uuid& session) const {
    if (is_empty_.load(std::memory_order_acquire)) return false;
    const std::shared_lock lock(mutex_);
    return noticed_.contains(session);
  }

  /// The same one again changes nothing. Now and then those of whom there can be no token any more are
  /// forgotten.
  void add(const uuid& session, clock::time_point now) {
    const std::unique_lock lock(mutex_);
    if (noticed_.size() >= look_through_at_) {
      std::erase_if(noticed_, [now](const auto& one) { return now - one.second > sessions_remembered_for; });
      look_through_at_ = std::max(few, 2 * noticed_.size());
    }
    noticed_.emplace(session, now);
    is_empty_.store(false, std::memory_order_release);
  }

  std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return noticed_.size();
  }

private:
  static constexpr std::size_t few = 1'024;

  std::atomic<bool> is_empty_{true};
  mutable std::shared_mutex mutex_;
  std::map<uuid, clock::time_point> noticed_;
  std::size_t look_through_at_ = few;
};

} // namespace tessera
