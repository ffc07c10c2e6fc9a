#include "actors/timers/invitation_timer.hpp"

#include "persistence/stores/invitation_expiry_store.hpp"

#include <spdlog/spdlog.h>

#include <pthread.h>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds limit{2'000};
constexpr std::chrono::seconds pause_after_failure{1};

} // namespace

invitation_timer::invitation_timer(invitation_timer_options options, pg::session_options session)
    : options_(options), session_(std::move(session)), thread_([this] { run(); }) {}

invitation_timer::~invitation_timer() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  thread_.join();
}

void invitation_timer::run() {
  pthread_setname_np(pthread_self(), "invitations");
  auto next = steady::now();
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_until(lock, next, [this] { return stopped_; })) {
    lock.unlock();
    const bool more = record();
    const auto pause = is_failing_ ? std::chrono::milliseconds(pause_after_failure) : options_.interval;
    next = more ? steady::now() : steady::now() + pause;
    lock.lock();
  }
}

bool invitation_timer::record() {
  try {
    if (!session_.is_open()) session_.open();
    const auto recorded = persistence::expire_invitations(session_, options_.page, limit);
    is_failing_ = false;
    return recorded >= options_.page;
  } catch (const std::exception& why) {
    if (!std::exchange(is_failing_, true)) spdlog::warn("invitations: {}", why.what());
    return false;
  }
}

} // namespace tessera
