#pragma once

#include "http/server/options.hpp"

#include <cstddef>
#include <cstdint>

namespace tessera::http {

/// How a new request stands beside the others when not all can be let in.
enum class standing {
  ordinary,
  modest,    // its caller has taken much less than others lately
  impatient, // it was sent before the time at which its refused client should have come back
};

/// Decides which new requests of one loop are shed, so that those that are let in are answered soon. Two
/// queues can grow: requests that the loop has not come to (its lag), and requests whose answer the loop
/// waits for (in flight). A burst may fill them up to max_wait. One that does not go away is an overload:
/// then both are kept at a part of max_wait until nothing has to be shed. Pure: time is an argument,
/// microseconds of one steady clock.
class overload_guard {
public:
  explicit overload_guard(const server_options& options, std::int64_t now_us);

  void started() { ++in_flight_, ++started_since_probe_; }
  void ended() { --in_flight_, ++ended_since_probe_; }
  /// A client that was shed is not read for a while.
  void held_back() { ++held_back_; }
  void let_go() { --held_back_; }
  /// Whether nothing began since the last probe.
  bool is_quiet() const { return started_since_probe_ == 0; }

  bool must_shed(std::int64_t now_us, standing who = standing::ordinary);
  /// Whether somebody is shed at present.
  bool is_overloaded() const { return overloaded_since_us_ != 0; }
  /// The loop was `lag_us` late for a request that was ready then.
  void probed(std::int64_t lag_us, std::int64_t now_us);

private:
  bool is_too_much(standing who);
  bool is_due();
  double most_in_flight() const;
  std::int64_t patience(std::int64_t now_us) const;
  void follow_crowd(std::int64_t now_us);
  void follow_lag(double lag_us, std::int64_t now_us);
  void follow_rate(std::int64_t now_us);
  std::int64_t time_to_trial_us() const;
  void begin_overload(std::int64_t now_us);
  void end_overload_when_over(std::int64_t now_us);

  double max_wait_us_;
  std::size_t max_in_flight_;

  std::size_t in_flight_ = 0;
  std::size_t held_back_ = 0;
  std::size_t started_since_probe_ = 0;
  std::size_t ended_since_probe_ = 0;
  std::int64_t probed_at_us_;

  std::int64_t overloaded_since_us_ = 0; // 0: it is not
  std::int64_t shed_at_us_ = 0;          // the last time
  std::int64_t trial_until_us_ = 0;
  std::int64_t next_trial_us_; // after the overload began, when few are there

  double rate_ = 0;                   // answers per microsecond, lately
  std::int64_t crowded_since_us_ = 0; // 0: it is not
  std::int64_t crowded_at_us_ = 0;    // the last time

  std::int64_t on_time_us_; // when a probe last was
  double last_lag_us_ = 0;
  double share_ = 0; // of the requests, shed because of the lag
  double due_ = 0;   // adds the share up; one is shed when it is a whole
};

} // namespace tessera::http
