#pragma once

#include "tests/support/wait.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>

namespace tessera::test {

using random_source = std::mt19937_64;

inline std::int64_t between(random_source& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}
inline bool chance(random_source& random, int percent) {
  return between(random, 1, 100) <= percent;
}

/// Microseconds of the one clock that all attempts are measured with.
inline std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch()
  )
      .count();
}

/// How long a fault lasts: time that must pass, not a condition that might be missed.
inline void let_pass(milliseconds time) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, time, [] { return false; });
}

} // namespace tessera::test
