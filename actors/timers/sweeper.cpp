#include "actors/timers/sweeper.hpp"

#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/cluster_store.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <numeric>
#include <pthread.h>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds sweep_question_limit{2'000}; // of a question to the database
// A row that younger nudges have not brought in by then was forgotten by a crash.
constexpr std::chrono::seconds inbox_grace{2};
constexpr std::int64_t most_forgotten = 1'000; // answers at a time, some milliseconds' work

template <class Message> shard_supervisors::remind_account reminder(placement& accounts) {
  return [&accounts](const account_id& account) {
    if (auto actor = accounts.find(account)) caf::anon_send(actor, Message{account, {}});
  };
}

/// A node owns all of them or does not serve (lease_keeper).
std::vector<std::int16_t> all_shards() {
  std::vector<std::int16_t> shards(persistence::shard_count);
  std::iota(shards.begin(), shards.end(), std::int16_t{0});
  return shards;
}

} // namespace

sweeper::sweeper(
    sweeper_options options,
    pg::session_options session,
    placement& accounts,
    const clock& time,
    const lease& ownership,
    std::function<bool()> has_room
)
    : options_(options), session_(std::move(session)), accounts_(accounts), time_(time),
      ownership_(ownership), has_room_(std::move(has_room)),
      lots_(all_shards(), due(persistence::due_kind::lots, {}), reminder<expire_lots>(accounts)),
      inboxes_(
          all_shards(), due(persistence::due_kind::inboxes, inbox_grace), reminder<absorb_inbox>(accounts)
      ),
      holds_(all_shards(), due(persistence::due_kind::holds, {}), reminder<expire_lots>(accounts)),
      thread_([this] { run(); }) {}

shard_supervisors::ask_store sweeper::due(persistence::due_kind kind, std::chrono::seconds grace) {
  return [this, kind, grace](auto shards, int page) {
    return persistence::what_is_due(session_, kind, shards, time_.now() - grace, page, sweep_question_limit);
  };
}

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
  auto next_walk = steady::now();
  auto next_page = next_walk;
  auto last_page = next_walk - options_.pace.patience;
  auto next_visit = next_walk + visit_interval;
  auto next_snapshots = next_walk + options_.snapshot_interval;
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_until(lock, std::min(next_page, next_visit), [this] { return stopped_; })) {
    lock.unlock();
    const auto now = steady::now();
    if (now >= next_walk) {
      lots_.begin();
      inboxes_.begin();
      holds_.begin();
      next_walk = now + options_.expiry_interval;
    }
    if (now >= next_page) {
      bool more = true;
      if (options_.pace.allows_one(now - last_page, has_room_())) {
        more = remind_due();
        last_page = now;
      }
      next_page = more ? now + options_.pace.interval : next_walk;
    }
    if (now >= next_visit) {
      const bool snapshots = now >= next_snapshots;
      visit_live(snapshots);
      next_visit = now + visit_interval;
      if (snapshots) {
        forget_answers();
        next_snapshots = now + options_.snapshot_interval;
      }
    }
    lock.lock();
  }
}

bool sweeper::remind_due() {
  if (!ownership_.is_live()) return false;
  try {
    if (!session_.is_open()) session_.open();
    const bool more_lots = lots_.step();
    const bool more_holds = holds_.step();
    return inboxes_.step() || more_lots || more_holds;
  } catch (const std::exception& why) {
    spdlog::warn("sweeper: {}", why.what());
    return false;
  }
}

void sweeper::visit_live(bool snapshots) {
  for (const auto& actor : accounts_.all()) {
    if (snapshots) caf::anon_send(actor, save_snapshot{});
    caf::anon_send(actor, passivate{options_.idle});
  }
}

void sweeper::forget_answers() {
  if (!ownership_.is_live()) return;
  try {
    if (!session_.is_open()) session_.open();
    persistence::forget_old_answers(session_, most_forgotten, sweep_question_limit);
  } catch (const std::exception& why) {
    spdlog::warn("sweeper: {}", why.what());
  }
}

} // namespace tessera
