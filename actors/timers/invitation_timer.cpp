#include "actors/timers/invitation_timer.hpp"

#include "persistence/stores/invitation_expiry_store.hpp"
#include "persistence/stores/starter_credits_store.hpp"

#include <spdlog/spdlog.h>

#include <pthread.h>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds limit{2'000};
constexpr std::chrono::seconds pause_after_failure{1};
constexpr std::chrono::seconds stray_interval{2};

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
  auto house = next;
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_until(lock, next, [this] { return stopped_; })) {
    lock.unlock();
    const bool more = record();
    if (!more && steady::now() >= house) {
      keep_house();
      house = steady::now() + options_.housekeeping;
    }
    const auto pause = is_failing_ ? std::chrono::milliseconds(pause_after_failure) : options_.interval;
    next = more ? steady::now() : steady::now() + pause;
    lock.lock();
  }
}

bool invitation_timer::record() {
  try {
    if (!session_.is_open()) session_.open();
    const auto recorded = persistence::expire_invitations(session_, options_.page, limit);
    if (const auto now = steady::now(); now >= next_stray_) {
      next_stray_ = now + stray_interval; // first: what fails every time must not hold up expiries
      persistence::return_stray_starter_credits(session_, options_.page, limit);
    }
    is_failing_ = false;
    return recorded >= options_.page;
  } catch (const std::exception& why) {
    if (!std::exchange(is_failing_, true)) spdlog::warn("invitations: {}", why.what());
    return false;
  }
}

void invitation_timer::keep_house() {
  try {
    if (!session_.is_open()) session_.open();
    persistence::remind_and_tell(session_, options_.page, limit);
    persistence::forget_old_invitees(
        session_, options_.retention_days, options_.page, options_.pepper, limit
    );
  } catch (const std::exception& why) {
    if (!std::exchange(is_failing_, true)) spdlog::warn("invitations: {}", why.what());
  }
}

} // namespace tessera
