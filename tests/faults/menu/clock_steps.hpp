#pragma once

#include "tests/faults/menu/trouble.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tessera::test {

/// A wall clock that somebody sets: `false_clock.cpp` stands between a service and its clock and reads from a
/// file how wrong it is. The steady clock goes on.
class fake_clock {
public:
  fake_clock();
  ~fake_clock();
  fake_clock(const fake_clock&) = delete;

  /// For the service.
  variables environment() const;
  void step(std::chrono::seconds by);

private:
  std::string directory_;
};

/// The service's clock jumps by an hour or a day, ahead and back, several times a second.
class clock_steps final : public trouble {
public:
  clock_steps(trouble_place at, fake_clock& clock) : at_(at), clock_(clock) {}
  void begin() override;
  void go_on() override { clock_.step(steps_[turn_++ % steps_.size()]); }
  void end() override { clock_.step(std::chrono::seconds{0}); }

private:
  /// How far the `Date` of its answers is from now, in seconds.
  std::int64_t told_wrong_by() const;

  trouble_place at_;
  fake_clock& clock_;
  std::vector<std::chrono::seconds> steps_{
      std::chrono::hours{1},
      -std::chrono::hours{1},
      std::chrono::seconds{0},
      -std::chrono::days{1},
      std::chrono::days{1},
      std::chrono::days{30},
      -std::chrono::days{30}};
  std::size_t turn_ = 0;
};

} // namespace tessera::test
