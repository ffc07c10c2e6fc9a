#pragma once

#include <chrono>
#include <optional>

namespace tessera {

struct refresh_intervals {
  std::chrono::seconds regular{600};
  std::chrono::seconds after_failure{60};
  std::chrono::seconds between_wishes{60};
};

/// When a copy of something is fetched again: at once, then regularly, sooner after a failure, and when
/// somebody misses something in it. That anybody can do, so wishes are granted no more often than their
/// interval says, however many there are. Time is an argument.
class refresh_times {
public:
  using instant = std::chrono::steady_clock::time_point;
  explicit refresh_times(instant start, refresh_intervals intervals = {})
      : intervals_(intervals), regular_(start), wishes_from_(start) {}

  instant due() const;
  void wish(instant now);
  void begin(instant now);
  void end(instant now, bool good);

private:
  refresh_intervals intervals_;
  instant regular_;
  instant wishes_from_;         // none is granted before
  std::optional<instant> wish_; // when the one that waits is granted
};

} // namespace tessera
