#include "http/server/overload_guard.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::int64_t patience_us = 50'000; // a queue that is gone sooner is a burst
constexpr double rate_memory_us = 200'000;
// So many at once are no overload, however slowly they are answered: the clients of a few busy programs.
constexpr double always_welcome = 384;
// Of max_wait, while an overload lasts: a full queue helps nobody then, everyone just waits in it. The loop's
// lag has more, as it is also the scheduler's, which no shedding mends.
constexpr double part_in_flight = 1.0 / 8;
constexpr double part_of_lag = 1.0 / 4;
constexpr double welcome_in_overload = 64;
// How much more room there is for who is modest: they pay little for what others ask.
constexpr double room_for_modest = 2;
constexpr std::int64_t quiet_us = 1'000'000; // nothing was shed: it is over
// Clients who were shed come back, so shedding can keep itself going. When few of them are there it is tried
// without soon, then more and more rarely; in any case after the longest.
constexpr std::int64_t first_trial_us = 1'000'000;
constexpr std::int64_t longest_us = 30'000'000;
constexpr std::int64_t trial_us = 200'000;         // so long it is looked at whether
constexpr std::int64_t trial_patience_us = 15'000; // the overload is there still

} // namespace

overload_guard::overload_guard(const server_options& options, std::int64_t now_us)
    : max_wait_us_(static_cast<double>(std::max<std::int64_t>(options.max_wait.count(), 1)) * 1000),
      max_in_flight_(options.max_in_flight), probed_at_us_(now_us), next_trial_us_(first_trial_us),
      on_time_us_(now_us) {}

bool overload_guard::must_shed(std::int64_t now_us, standing who) {
  if (in_flight_ >= max_in_flight_) return true;
  follow_crowd(now_us);
  // What has waited for long would be served in a trial, if anything is.
  if (who == standing::impatient && now_us < trial_until_us_) return true;
  if (!is_overloaded() || !is_too_much(who)) return false;
  shed_at_us_ = now_us;
  return true;
}

bool overload_guard::is_too_much(standing who) {
  const auto in_flight = static_cast<double>(in_flight_);
  switch (who) {
  case standing::impatient: return true;
  case standing::modest:
    // Never where an ordinary one would be let in.
    return is_too_much(standing::ordinary) &&
           (in_flight >= room_for_modest * most_in_flight() || last_lag_us_ > room_for_modest * max_wait_us_);
  case standing::ordinary: break;
  }
  return in_flight >= most_in_flight() || is_due();
}

/// Whether this is one of the share that is shed because of the lag.
bool overload_guard::is_due() {
  due_ += share_;
  if (due_ < 1) return false;
  due_ -= 1;
  return true;
}

/// As many as are answered within the time at the rate of late (Little's law).
double overload_guard::most_in_flight() const {
  if (is_overloaded()) return std::max(welcome_in_overload, rate_ * max_wait_us_ * part_in_flight);
  return std::max(always_welcome, rate_ * max_wait_us_);
}

/// What is in flight would take longer than max_wait, and did for a while.
void overload_guard::follow_crowd(std::int64_t now_us) {
  if (is_overloaded()) return;
  if (static_cast<double>(in_flight_) < most_in_flight()) {
    if (now_us - crowded_at_us_ > patience_us) crowded_since_us_ = 0;
    return;
  }
  crowded_at_us_ = now_us;
  if (crowded_since_us_ == 0) crowded_since_us_ = now_us;
  if (now_us - crowded_since_us_ >= patience(now_us)) begin_overload(now_us);
}

std::int64_t overload_guard::patience(std::int64_t now_us) const {
  return now_us < trial_until_us_ ? trial_patience_us : patience_us;
}

void overload_guard::probed(std::int64_t lag_us, std::int64_t now_us) {
  end_overload_when_over(now_us);
  follow_lag(static_cast<double>(lag_us), now_us);
  follow_rate(now_us);
}

void overload_guard::begin_overload(std::int64_t now_us) {
  if (now_us - shed_at_us_ >= quiet_us) next_trial_us_ = first_trial_us;
  overloaded_since_us_ = shed_at_us_ = now_us;
  crowded_since_us_ = 0;
}

/// The share is kept: when the overload comes back at once, it need not be found anew.
void overload_guard::end_overload_when_over(std::int64_t now_us) {
  if (!is_overloaded()) return;
  const bool is_over = now_us - shed_at_us_ >= quiet_us;
  if (!is_over && now_us - overloaded_since_us_ < time_to_trial_us()) return;
  overloaded_since_us_ = 0;
  on_time_us_ = now_us;
  if (is_over) {
    share_ = due_ = 0;
    return;
  }
  trial_until_us_ = now_us + trial_us;
  next_trial_us_ = std::min(2 * next_trial_us_, longest_us);
}

/// All who are there could be let in at once, and would be no overload.
std::int64_t overload_guard::time_to_trial_us() const {
  const bool few = static_cast<double>(in_flight_ + held_back_) < always_welcome;
  return few ? next_trial_us_ : longest_us;
}

/// Moves the share so that the lag settles at its limit: by how far it is away, and by where it goes.
/// Shedding all or nothing would empty the loop and call all clients back at once. One late probe is the
/// scheduler's mood, so nothing is shed before the loop has been late for a while.
void overload_guard::follow_lag(double lag_us, std::int64_t now_us) {
  if (lag_us < max_wait_us_) on_time_us_ = now_us;
  if (!is_overloaded() && now_us - on_time_us_ >= patience(now_us)) begin_overload(now_us);
  if (is_overloaded()) {
    const auto wished = max_wait_us_ * part_of_lag;
    const auto change = 0.1 * (lag_us - wished) / max_wait_us_ + 0.3 * (lag_us - last_lag_us_) / max_wait_us_;
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
