#pragma once

#include <chrono>
#include <poll.h>

namespace tessera::test {

using std::chrono::milliseconds;

/// The time that is left of a wait. A test never waits without one.
class deadline {
public:
  explicit deadline(milliseconds timeout) : at_(std::chrono::steady_clock::now() + timeout) {}
  /// For poll(): 0 when it is over.
  int left_ms() const {
    const auto left = std::chrono::ceil<milliseconds>(at_ - std::chrono::steady_clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }
  bool over() const { return left_ms() == 0; }

private:
  std::chrono::steady_clock::time_point at_;
};

/// Asks again until `done()` is true. False: the time is over.
template <class Done> bool wait_until(milliseconds timeout, Done done) {
  for (const deadline until(timeout); !until.over(); ::poll(nullptr, 0, 5))
    if (done()) return true;
  return done();
}

} // namespace tessera::test
