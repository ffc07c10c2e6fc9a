#pragma once

#include "messages/types/time.hpp"

#include <atomic>
#include <chrono>

namespace tessera {

/// What time it is. The only place that asks the system.
class clock {
public:
  virtual ~clock() = default;
  virtual time_point now() const = 0;
};

/// The database's time: this node's monotonic clock plus an offset that each heartbeat measures (design 3
/// `time`). A step of the wall clock changes nothing.
class database_clock final : public clock {
public:
  database_clock();
  time_point now() const override;

  /// The database said `there` somewhere between the two local instants.
  void adjust(
      std::chrono::steady_clock::time_point asked,
      std::chrono::steady_clock::time_point answered,
      time_point there
  );

private:
  std::atomic<std::int64_t> offset_us_;
  std::atomic<bool> measured_{false};
};

} // namespace tessera
