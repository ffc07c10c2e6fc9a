#pragma once

#include "actors/account/key_window.hpp"
#include "actors/cluster/lease.hpp"
#include "actors/journal/journal.hpp"
#include "actors/support/clock.hpp"
#include "messages/protocols/account_actor.hpp"

#include <atomic>
#include <cstdint>

namespace tessera {

/// Where accounts wake up from and are written down to. Answers by message to the account. Safe from any
/// thread.
class account_archive {
public:
  virtual ~account_archive() = default;
  /// Answered by account_loaded.
  virtual void load(const account_id& account, const account_actor& who) = 0;
  /// Answered by inbox_loaded.
  virtual void load_inbox(const inbox_page& page, const account_actor& who) = 0;
  /// Soon, and only if it is newer than what is there; nobody waits for it.
  virtual void save(account_snapshot snapshot) = 0;
};

/// Takes an account out of the map of live ones, so that the next request makes a new one.
class account_registry {
public:
  virtual ~account_registry() = default;
  virtual void remove(const account_id& account, const account_actor& who) = 0;
};

struct account_statistics {
  std::atomic<std::uint64_t> activations{0};
  std::atomic<std::uint64_t> passivations{0};
  std::atomic<std::uint64_t> retirements{0}; // gave up after an unknown outcome
  std::atomic<std::uint64_t> spends{0};
  std::atomic<std::uint64_t> refusals{0};
  std::atomic<std::uint64_t> replays{0};
  std::atomic<std::uint64_t> decided_again{0};
};

/// The neighbours that every account of a node shares; outlives them all.
struct account_environment {
  const clock& time;
  journal& log;
  account_archive& archive;
  account_registry& registry;
  key_window& keys;
  const lease& ownership;
  account_statistics& statistics;
  node_incarnation writer;
};

} // namespace tessera
