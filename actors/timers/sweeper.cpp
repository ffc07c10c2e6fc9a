#include "actors/timers/sweeper.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

// The rest comes at the next tick: an account whose entry is booked is no longer due.
constexpr int max_due = 10'000;
// A row that younger nudges have not brought in by then was forgotten by a crash.
constexpr std::chrono::seconds inbox_grace{2};

template <class Message> void tell(placement& accounts, const account_id& account, Message message) {
  if (auto actor = accounts.find(account)) caf::anon_send(actor, std::move(message));
}

} // namespace

sweeper::sweeper(
    sweeper_options options,
    std::unique_ptr<persistence::pg_account_store> store,
    placement& accounts,
    const clock& time,
    const lease& ownership
)
    : options_(options), store_(std::move(store)), accounts_(accounts), time_(time), ownership_(ownership),
      thread_([this] { run(); }) {}

sweeper::~sweeper() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  thread_.join();
}

void sweeper::run() {
  pthread_setname_np(pthread_self(), "sweeper");
  const auto visit_interval =
      std::clamp(options_.idle / 2, std::chrono::milliseconds(50), options_.visit_interval);
  const auto tick = std::min(options_.expiry_interval, visit_interval);
  auto next_due = steady::now();
  auto next_visit = steady::now() + visit_interval;
  auto next_snapshots = steady::now() + options_.snapshot_interval;
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, tick, [this] { return stopped_; })) {
    lock.unlock();
    const auto now = steady::now();
    if (now >= next_due) {
      nudge_due();
      next_due = now + options_.expiry_interval;
    }
    if (now >= next_visit) {
      const bool snapshots = now >= next_snapshots;
      visit_live(snapshots);
      next_visit = now + visit_interval;
      if (snapshots) next_snapshots = now + options_.snapshot_interval;
    }
    lock.lock();
  }
}

void sweeper::nudge_due() {
  if (!ownership_.is_live()) return;
  try {
    for (const auto& account : store_->due_for_expiry(time_.now(), max_due))
      tell(accounts_, account, expire_lots{account, {}});
    for (const auto& account : store_->with_waiting_inbox(time_.now() - inbox_grace, max_due))
      tell(accounts_, account, absorb_inbox{account, {}});
  } catch (const std::exception& why) {
    spdlog::warn("sweeper: {}", why.what());
  }
}

void sweeper::visit_live(bool snapshots) {
  for (const auto& actor : accounts_.all()) {
    if (snapshots) caf::anon_send(actor, save_snapshot{});
    caf::anon_send(actor, passivate{options_.idle});
  }
}

} // namespace tessera
