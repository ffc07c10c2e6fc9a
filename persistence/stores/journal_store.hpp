#pragma once

#include "messages/alerts.hpp"
#include "messages/journal.hpp"

#include <concepts>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tessera::persistence {

enum class append_status : std::uint8_t {
  committed,   // durable
  duplicate,   // keys are in the ledger already: see `recorded`, or, when that is empty, twice in the round;
               // nothing happened
  outrun,      // another writer has moved the accounts in `outrun`; nothing happened
  closed,      // the accounts in `outrun` were deleted and are to get credits; nothing happened
  transient,   // serialization, deadlock, lock or statement timeout: the same round may succeed; nothing
               // happened
  refused,     // the database said no for another reason; nothing happened
  unavailable, // could not even be sent; nothing happened
  unknown,     // sent, and the answer was lost
};

struct append_outcome {
  append_status status = append_status::unavailable;
  std::vector<recorded_spend> recorded;
  std::vector<account_id> outrun; // or closed
  std::string reason;
};

/// What becomes durable together: write sets, and the alerts that their entries cause.
struct journal_round {
  using sets = std::span<const write_set* const>;

  template <class Writes>
  requires std::constructible_from<sets, const Writes&>
  journal_round(const Writes& of, std::span<const balance_alert> told = {}) : writes(of), alerts(told) {}

  sets writes;
  std::span<const balance_alert> alerts;
};

/// The ledger as its writers see it. One thread at a time. Implementations: PostgreSQL, and a memory for
/// tests that is held to the same contract (tests/integration/journal_contract.hpp).
class journal_store {
public:
  virtual ~journal_store() = default;

  /// Makes every write set durable, or none. Sets of one account come in the order of their seq and the first
  /// must follow the entry that its `previous` names. Never throws.
  virtual append_outcome append(const journal_round& round) = 0;

  /// What the ledger says about the keys; keys that it does not know are missing in the answer. False: the
  /// database could not be asked.
  virtual bool find_keys(std::span<const uuid> keys, std::vector<recorded_spend>& found) = 0;

  /// The keys of an account's entries from seq `begin` to before `end`. False: the database could not be
  /// asked.
  virtual bool keys_between(
      const account_id& account, std::uint64_t begin, std::uint64_t end, std::vector<recorded_spend>& found
  ) = 0;
};

/// Where accounts wake up from and are written down to. One thread at a time.
class account_store {
public:
  virtual ~account_store() = default;

  /// Histories of the accounts that exist, in any order. Throws pg::error.
  virtual std::vector<account_history> load(std::span<const account_id> accounts) = 0;

  /// What waits in the pages, rows_per_inbox_page at most in each. Throws pg::error.
  virtual std::vector<std::vector<inbox_command>> waiting(std::span<const inbox_page> pages) = 0;

  /// At what balances somebody is told, of those of the accounts that have thresholds. Throws pg::error.
  virtual std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id> accounts) = 0;

  /// Replaces older snapshots; an older or equal one is left alone. Throws pg::error.
  virtual void save(std::span<const account_snapshot> snapshots) = 0;
};

} // namespace tessera::persistence
