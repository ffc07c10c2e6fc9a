#pragma once

#include "http/server/options.hpp"

#include <cstddef>
#include <cstdint>

namespace tessera::http {

/// Decides which new requests of one loop are shed, so that those that are let in are answered soon. Two
/// queues can grow: requests that the loop has not come to (its lag), and requests whose answer the loop
/// waits for (in flight). Both are compared with max_wait. Pure: time is an argument, microseconds of one
/// steady clock.
class overload_guard {
public:
  explicit overload_guard(const server_options& options, std::int64_t now_us);

  void started() { ++in_flight_, ++started_since_probe_; }
  void ended() { --in_flight_, ++ended_since_probe_; }
  /// Whether nothing began since the last probe.
  bool is_quiet() const { return started_since_probe_ == 0; }

  bool must_shed(std::int64_t now_us);
  /// The loop was `lag_us` late for a request that was ready then.
  void probed(std::int64_t lag_us, std::int64_t now_us);

private:
  bool is_crowded(std::int64_t now_us);
  void follow_lag(double lag_us, std::int64_t now_us);
  void follow_rate(std::int64_t now_us);

  double max_wait_us_;
  std::size_t max_in_flight_;

  std::size_t in_flight_ = 0;
  std::size_t started_since_probe_ = 0;
  std::size_t ended_since_probe_ = 0;
  std::int64_t probed_at_us_;

  double rate_ = 0;                   // answers per microsecond, lately
  std::int64_t crowded_since_us_ = 0; // 0: it is not
  std::int64_t crowded_at_us_ = 0;    // the last time

  std::int64_t on_time_us_; // when a probe last was
  double last_lag_us_ = 0;
  double share_ = 0; // of the requests, shed because of the lag
  double due_ = 0;   // adds the share up; one is shed when it is a whole
};

} // namespace tessera::http
