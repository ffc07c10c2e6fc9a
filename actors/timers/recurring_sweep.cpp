#include "actors/timers/recurring_sweep.hpp"

#include <spdlog/spdlog.h>

#include <pthread.h>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds step_limit{4'000};
constexpr std::chrono::seconds pause_after_failed_step{2};

} // namespace

recurring_sweep::recurring_sweep(
    options chosen, pg::session_options session, portion step, std::function<void()> done
)
    : options_(std::move(chosen)), session_(std::move(session)), step_(std::move(step)),
      done_(std::move(done)), thread_([this] { run(); }) {}

recurring_sweep::~recurring_sweep() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  thread_.join();
}

void recurring_sweep::run() {
  pthread_setname_np(pthread_self(), options_.name.c_str());
  auto next = steady::now();
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_until(lock, next, [this] { return stopped_; })) {
    lock.unlock();
    const bool more = sweep();
    const auto pause = is_failing_ ? std::chrono::milliseconds(pause_after_failed_step) : options_.interval;
    next = more ? steady::now() : steady::now() + pause;
    lock.lock();
  }
}

bool recurring_sweep::sweep() {
  try {
    if (!session_.is_open()) session_.open();
    const auto page = is_failing_ ? 1 : options_.page; // a page that takes too long is not tried for ever
    const auto looked_at = step_(session_, page, step_limit);
    is_failing_ = false;
    if (looked_at > 0 && done_) done_();
    return looked_at >= page;
  } catch (const std::exception& why) {
    if (!std::exchange(is_failing_, true)) spdlog::warn("{}: {}", options_.name, why.what());
    return false;
  }
}

} // namespace tessera
