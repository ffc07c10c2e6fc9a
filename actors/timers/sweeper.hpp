#pragma once

#include "actors/cluster/lease.hpp"
#include "actors/placement/placement.hpp"
#include "actors/support/clock.hpp"
#include "actors/timers/page_pace.hpp"
#include "actors/timers/shard_supervisors.hpp"
#include "persistence/pg/connection.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tessera {

struct sweeper_options {
  std::chrono::milliseconds expiry_interval{2'000}; // lots that are over are booked within 5 s
  page_pace pace{};                                 // of the pages of what is due
  std::chrono::milliseconds visit_interval{5'000};  // live accounts rest if they may
  std::chrono::milliseconds snapshot_interval{
      60'000};                             // and write down what changed; busy ones do so by themselves
  std::chrono::milliseconds idle{300'000}; // then an account goes to rest
};

/// Runs the supervisors of this node's shards and visits live accounts: reminds of what accounts have no
/// timers for, which is expired lots and holds, waiting inbox rows, snapshots, rest. Takes old first answers
/// away. Derives everything from rows and the map of live accounts, so that a restart forgets nothing.
class sweeper {
public:
  sweeper(
      sweeper_options options,
      pg::session_options session,
      placement& accounts,
      const clock& time,
      const lease& ownership,
      std::function<bool()> has_room // for what wakes up and books; called on the sweeper's thread
  );
  ~sweeper();

private:
  /// Asks for what is due for longer than the grace.
  shard_supervisors::ask_store due(persistence::due_kind kind, std::chrono::seconds grace);
  void run();
  /// False: nothing more is due for now.
  bool remind_due();
  void visit_live(bool snapshots);
  /// First answers that are over.
  void forget_answers();

  sweeper_options options_;
  pg::connection session_;
  placement& accounts_;
  const clock& time_;
  const lease& ownership_;
  std::function<bool()> has_room_;
  shard_supervisors lots_;
  shard_supervisors inboxes_;
  shard_supervisors holds_; // over, and open

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
