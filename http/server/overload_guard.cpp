#include "http/server/overload_guard.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::int64_t patience_us = 50'000; // a queue that is gone sooner is a burst
constexpr double rate_memory_us = 200'000;
// So many at once are no overload, however slowly they are answered: the clients of a few busy programs.
constexpr double always_welcome = 384;

} // namespace

overload_guard::overload_guard(const server_options& options, std::int64_t now_us)
    : max_wait_us_(static_cast<double>(std::max<std::int64_t>(options.max_wait.count(), 1)) * 1000),
      max_in_flight_(options.max_in_flight), probed_at_us_(now_us), on_time_us_(now_us) {}

bool overload_guard::must_shed(std::int64_t now_us) {
  if (in_flight_ >= max_in_flight_ || is_crowded(now_us)) return true;
  due_ += share_;
  if (due_ < 1) return false;
  due_ -= 1;
  return true;
}

/// What is in flight would take longer than max_wait at the rate of late (Little's law), and did for a while.
bool overload_guard::is_crowded(std::int64_t now_us) {
  const auto few = static_cast<double>(in_flight_) < std::max(always_welcome, rate_ * max_wait_us_);
  if (few) {
    if (now_us - crowded_at_us_ > patience_us) crowded_since_us_ = 0;
    return false;
  }
  crowded_at_us_ = now_us;
  if (crowded_since_us_ == 0) crowded_since_us_ = now_us;
  return now_us - crowded_since_us_ >= patience_us;
}

void overload_guard::probed(std::int64_t lag_us, std::int64_t now_us) {
  follow_lag(static_cast<double>(lag_us), now_us);
  follow_rate(now_us);
}

/// Moves the share so that the lag settles at its limit: by how far it is away, and by where it goes.
/// Shedding all or nothing would empty the loop and call all clients back at once. One late probe is the
/// scheduler's mood, so nothing is shed before the loop has been late for a while.
void overload_guard::follow_lag(double lag_us, std::int64_t now_us) {
  if (lag_us < max_wait_us_) on_time_us_ = now_us;
  if (share_ > 0 || now_us - on_time_us_ >= patience_us) {
    const auto change =
        0.1 * (lag_us - max_wait_us_) / max_wait_us_ + 0.3 * (lag_us - last_lag_us_) / max_wait_us_;
    share_ = std::clamp(share_ + std::clamp(change, -0.2, 0.2), 0.0, 0.98);
  }
  last_lag_us_ = lag_us;
}

void overload_guard::follow_rate(std::int64_t now_us) {
  const auto passed = static_cast<double>(std::max<std::int64_t>(now_us - probed_at_us_, 1));
  const auto weight = std::min(passed / rate_memory_us, 1.0);
  if (in_flight_ > 0 || ended_since_probe_ > 0)
    rate_ += weight * (static_cast<double>(ended_since_probe_) / passed - rate_);
  probed_at_us_ = now_us;
  started_since_probe_ = ended_since_probe_ = 0;
}

} // namespace tessera::http
