#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace tessera::paysim {

/// The sandbox's own time, and what is to be done when. It runs with the machine's and can be put forward.
class sandbox_clock {
public:
  /// `real_ms`: milliseconds since 1970.
  explicit sandbox_clock(std::function<std::int64_t()> real_ms) : real_ms_(std::move(real_ms)) {}

  std::int64_t now_ms() const { return real_ms_() + ahead_ms_; }
  /// As the API writes it.
  std::int64_t now() const { return now_ms() / 1'000; }

  /// How far it was put forward.
  std::int64_t ahead_ms() const { return ahead_ms_; }
  void set_ahead_ms(std::int64_t ahead) { ahead_ms_ = ahead; }

  void after(std::int64_t wait_ms, std::function<void()> job);
  /// Does what is due, in the order of its time.
  void run_due();
  /// The same for all that becomes due on the way, each at its own time.
  void advance(std::int64_t by_ms);

private:
  void run_first();

  std::function<std::int64_t()> real_ms_;
  std::int64_t ahead_ms_ = 0;
  std::multimap<std::int64_t, std::function<void()>> due_;
};

} // namespace tessera::paysim
