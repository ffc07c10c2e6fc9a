#pragma once

#include "tests/faults/menu/trouble.hpp"

#include <string>
#include <vector>

namespace tessera::test {

/// A wall clock that somebody sets: libfaketime stands between a service and its clock and reads from a file
/// how wrong it is. The steady clock goes on.
class fake_clock {
public:
  /// Why there can be none; empty: there can.
  static std::string why_not();

  fake_clock();
  ~fake_clock();
  fake_clock(const fake_clock&) = delete;

  /// For the service.
  variables environment() const;
  /// `+1h`, `-1d`, `+0`.
  void step(const std::string& by);

private:
  std::string directory_;
};

/// The service's clock jumps by an hour or a day, ahead and back, several times a second.
class clock_steps final : public trouble {
public:
  explicit clock_steps(fake_clock& clock) : clock_(clock) {}
  void begin() override { go_on(); }
  void go_on() override { clock_.step(steps_[turn_++ % steps_.size()]); }
  void end() override { clock_.step("+0"); }

private:
  fake_clock& clock_;
  std::vector<std::string> steps_{"+1h", "-1h", "+0", "-1d", "+1d", "+30d", "-30d"};
  std::size_t turn_ = 0;
};

} // namespace tessera::test
