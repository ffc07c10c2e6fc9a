#pragma once

#include "actors/cluster/lease.hpp"
#include "actors/placement/placement.hpp"
#include "actors/support/clock.hpp"
#include "persistence/stores/pg_account_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace tessera {

struct sweeper_options {
  std::chrono::milliseconds expiry_interval{2'000}; // lots that are over are booked within 5 s
  std::chrono::milliseconds visit_interval{5'000};  // live accounts rest if they may
  std::chrono::milliseconds snapshot_interval{
      60'000};                             // and write down what changed; busy ones do so by themselves
  std::chrono::milliseconds idle{300'000}; // then an account goes to rest
};

/// Reminds accounts of what they have no timers for: expired lots, waiting inbox rows, snapshots, rest.
/// Derives everything from rows and the map of live accounts, so that a restart forgets nothing.
class sweeper {
public:
  sweeper(
      sweeper_options options,
      std::unique_ptr<persistence::pg_account_store> store,
      placement& accounts,
      const clock& time,
      const lease& ownership
  );
  ~sweeper();

private:
  void run();
  void nudge_due();
  void visit_live(bool snapshots);

  sweeper_options options_;
  std::unique_ptr<persistence::pg_account_store> store_;
  placement& accounts_;
  const clock& time_;
  const lease& ownership_;

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
