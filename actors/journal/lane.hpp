#pragma once

#include "actors/journal/journal.hpp"
#include "messages/protocols/account_actor.hpp"
#include "persistence/stores/journal_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace tessera {

struct lane_options {
  std::size_t max_round = 1'000; // rows, but for one write set that has more; larger rounds make others wait
  int max_transient_retries = 3;
  std::chrono::milliseconds transient_patience{
      4'000}; // after that no retry: who asked has been told long ago
  std::chrono::milliseconds remind_interval{1'000};
  std::function<void()> told{}; // events are durable that others hear of; may be nothing
};

struct lane_statistics {
  std::atomic<std::uint64_t> rounds{0};
  std::atomic<std::uint64_t> entries{0};
  std::atomic<std::uint64_t> rounds_refused{0};
  std::atomic<std::uint64_t> rounds_unknown{0};
  std::atomic<std::uint64_t> accounts_outrun{0};
  std::atomic<std::uint64_t> duplicates{0};
  std::atomic<std::uint64_t> look_ups{0};
  std::atomic<std::uint64_t> round_time_us{0}; // summed
};

/// Takes what is queued as one round, has it made durable, and answers. One round at a time, never two in
/// flight. Holds no thread of its own: whoever owns the lane calls `run_once`.
class lane {
public:
  lane(persistence::journal_store& store, lane_options options, lane_statistics& statistics);

  void push(journal_item item);
  /// Handles one round, and reminds accounts when it is time; false when nothing was queued.
  bool run_once();
  /// Blocks until something is to be done or `stop` was called; false when stopped and empty.
  bool wait();
  void stop();
  std::size_t depth() const { return depth_.load(std::memory_order_relaxed); }

private:
  using round = std::vector<journal_item>;

  round take();
  void drop_refused(round& items);
  void look_up(round& items);
  bool may_read_near(const journal_item& asked, const keys_looked_up& answer) const;
  void read_near(keys_looked_up& answer);
  persistence::append_outcome
  append(const std::vector<const write_set*>& sets, const std::vector<balance_alert>& alerts);
  void settle(round items);
  void settle_each_account(round items);
  void settle_one_by_one(round items);
  void settle_repeated_keys(round items);
  void publish(const round& items);
  /// An account keeps what it has pending until it runs again, and nobody may call for a long time: one that
  /// has written nothing for a while hears that it may let go.
  void remind();
  /// Tells the accounts and returns how many were in the round.
  std::size_t refuse(
      round& items,
      const std::vector<account_id>& accounts,
      errc why,
      const std::vector<recorded_spend>& recorded
  );
  /// Tells the accounts of the culprits, whose other commands are decided again. False: there is none.
  bool refuse_these(round& items, const std::vector<const journal_item*>& culprits, errc why);
  void refuse_all(round& items, errc why);
  void forget(std::size_t items) { depth_.fetch_sub(items, std::memory_order_relaxed); }

  persistence::journal_store& store_;
  lane_options options_;
  lane_statistics& statistics_;
  std::atomic<std::size_t> depth_{0};

  // Of the lane's thread alone.
  std::vector<std::shared_ptr<account_channel>> to_remind_;
  std::chrono::steady_clock::time_point next_reminder_;
  std::chrono::steady_clock::time_point next_near_;

  std::mutex mutex_;
  std::condition_variable queued_;
  std::deque<journal_item> queue_;
  bool waiting_ = false;
  bool stopped_ = false;
};

} // namespace tessera
