#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tessera {

/// This node's right to answer for its accounts. Guards reads and routing; no write depends on it (design 3).
/// Measured on CLOCK_BOOTTIME, which also runs while the machine is suspended.
class lease {
public:
  using duration = std::chrono::nanoseconds;

  /// Boot time, in the unit of the lease.
  static duration now();

  /// True while nobody else can have taken the accounts.
  bool is_live() const { return ignored_ || (held_.load() && now() < duration(until_.load())); }
  /// False once another node has taken them: for good.
  bool is_held() const { return ignored_ || held_.load(); }

  void extend(duration until) {
    until_ = until.count();
    held_ = true;
  }
  void lose() { held_ = false; }
  /// Only for the campaign that forces two owners onto the same accounts.
  void ignore() { ignored_ = true; }
  bool is_ignored() const { return ignored_; }

private:
  std::atomic<std::int64_t> until_{0};
  std::atomic<bool> held_{false};
  std::atomic<bool> ignored_{false};
};

} // namespace tessera
