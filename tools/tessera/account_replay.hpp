#pragma once

#include "actors/domain/credit_account.hpp"
#include "persistence/stores/ledger_scan.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace tessera::cli {

/// Replays one account that is not believed: entries in the order of their rows, each with the lots that
/// claim to have been opened by it, and the snapshots on the way.
class account_replay {
public:
  /// Lots that the next entry gives units back to and that have none now: `take` must be told of them.
  std::vector<lot_id> forgotten_by(const persistence::scanned_entry& next) const;

  /// What is wrong with the next entry; empty when it follows. After the first flaw nothing more may be
  /// asked. `reopened`: the rows of lots that it had forgotten.
  std::string take(
      const persistence::scanned_entry& next,
      std::vector<persistence::scanned_lot> opened,
      const std::vector<persistence::scanned_lot>& reopened = {}
  );

  /// What is wrong with a snapshot of the entry taken last.
  std::string compare(const account_snapshot& kept) const;
  /// The same for the balance, with the lots' own free and held.
  std::string compare(const persistence::scanned_balance& balance);

  /// What is wrong with lots that are left over when all entries and the balance were taken.
  std::string finish() const;

  std::optional<std::uint64_t> seq() const { return account_ ? std::optional(account_->seq) : std::nullopt; }

  /// The balance row's seq: lots opened after it have all their units in their rows.
  void expect_balance_at(std::uint64_t seq) { balance_seq_ = seq; }

private:
  std::string hash_flaw(const account_event& event) const;
  std::string writing_flaw(const persistence::scanned_entry& next);
  std::string note_lots(const std::vector<persistence::scanned_lot>& opened, std::uint64_t seq);
  std::string reopen(account_event& event, const std::vector<persistence::scanned_lot>& rows);
  std::string close_lots(const entry& booked);
  void forget_lots();

  std::optional<credit_account> account_; // nothing before the genesis entry
  std::uint64_t balance_seq_ = 0;
  std::vector<lot> left_;                         // of the rows: what the balance has
  std::map<lot_id, credits> raised_;              // amounts that rows say and entries have not reached yet
  std::set<lot_id> closed_;                       // rows that say so, and no entry has expired yet
  std::set<lot_id> open_;                         // live lots whose rows do not say so
  std::map<lot_id, std::uint64_t> given_back_to_; // after the balance: by which entry last
  std::map<lot_id, std::uint64_t> said_to_be_;    // likewise, as the rows say
  std::uint64_t last_txid_ = 0;
  std::uint64_t last_writer_ = 0;
  bool as_inserted_ = false; // of the entry before
};

} // namespace tessera::cli
