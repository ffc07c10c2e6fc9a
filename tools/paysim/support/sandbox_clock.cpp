#include "tools/paysim/support/sandbox_clock.hpp"

#include <algorithm>

namespace tessera::paysim {

void sandbox_clock::after(std::int64_t wait_ms, std::function<void()> job) {
  due_.emplace(now_ms() + wait_ms, std::move(job));
}

void sandbox_clock::run_first() {
  auto job = std::move(due_.begin()->second);
  due_.erase(due_.begin()); // before it runs: it may add others
  job();
}

void sandbox_clock::run_due() {
  while (!due_.empty() && due_.begin()->first <= now_ms())
    run_first();
}

void sandbox_clock::advance(std::int64_t by_ms) {
  const auto target = now_ms() + by_ms;
  while (!due_.empty() && due_.begin()->first <= target) {
    ahead_ms_ += std::max<std::int64_t>(due_.begin()->first - now_ms(), 0);
    run_first();
  }
  ahead_ms_ += std::max<std::int64_t>(target - now_ms(), 0);
}

} // namespace tessera::paysim
