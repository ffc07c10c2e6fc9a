#pragma once

#include "messages/accounts.hpp"
#include "messages/entries.hpp"
#include "messages/holds.hpp"
#include "messages/instructions.hpp"
#include "messages/lots.hpp"
#include "messages/types/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What is written to and read from the ledger.
namespace tessera {

/// One fact about one account: its entry, and the lots that it opened.
struct account_event {
  entry booked;
  std::vector<lot> opened; // as opened: the hash covers the order
  /// Lots that it gives units back to and that may have nothing left: as they were opened, but empty. Not
  /// hashed: the entries that opened them have their terms.
  std::vector<lot> reopened;
};

/// The first answer of a key that is in the ledger already: an entry, or a refusal that is remembered.
struct recorded_spend {
  idempotency_key idempotency;
  account_id account;
  std::uint64_t seq = 0; // of the entry that has the key, 0: it had nothing to write; of the account when it
                         // refused
  credits amount;
  credits available;
  errc refused = errc::ok;
  blocked_by blocker = blocked_by::none;
  credits would_allow; // when refused
};

/// False: a refusal, or a success that had nothing to write; only the answer itself says so.
inline bool has_entry(const recorded_spend& first) {
  return first.refused == errc::ok && first.seq != 0;
}

inline const idempotency_key& key_of(const entry& booked) {
  return *booked.idempotency;
}
inline const idempotency_key& key_of(const recorded_spend& first) {
  return first.idempotency;
}

/// When supervisors look at the holds of an account: none ends before. Nothing: none is open.
struct hold_reminder {
  std::optional<time_point> at;
};

/// Everything that one command writes. All of it becomes durable, or nothing. Empty: a barrier.
struct write_set {
  std::vector<account_event> events;              // of one account, seq rising by one
  digest previous{};                              // the hash that the first entry was built on
  std::vector<inbox_id> absorbed;                 // inbox rows that this fulfils, at the last event's seq
  credits fulfilled;                              // how many credits that concerned
  std::vector<std::pair<inbox_id, errc>> refused; // inbox rows that can't be fulfilled, and why
  std::vector<lot_id> closed;                     // lots with nothing left for ever
  std::vector<receive_credits> sent;              // left in the inboxes of other accounts
  std::optional<recorded_spend> remembered;       // the first answer of a key, beside the entries
  std::optional<hold_reminder> remind;            // where it changes
  account_id account;                             // whose it is, where no entry says so
  std::uint64_t seq = 0;                          // of its last entry before this

  bool empty() const {
    return events.empty() && absorbed.empty() && refused.empty() && !remembered && !remind;
  }
  const account_id& owner() const { return events.empty() ? account : events.front().booked.account; }
  std::uint64_t last_seq() const { return events.empty() ? seq : events.back().booked.seq; }
  /// What answers the keys of the command from now on: the answer that is remembered, or its own entries that
  /// have a key. One, but for spends that happen together.
  template <class Use> void for_each_answer(Use use) const {
    if (remembered) return use(*remembered);
    for (const auto& event : events)
      if (event.booked.idempotency) use(event.booked);
  }
  template <class Use> void for_each_key(Use use) const {
    for_each_answer([&use](const auto& answer) { use(key_of(answer)); });
  }
};

/// What a snapshot remembers beside the lots; every figure is as of `seq`.
struct account_totals {
  balances now;
  credits lifetime_in;
  credits expired;
  credits refunded;
  credits clawed_back;
  credits allocated_out;
  credits debt_repaid;

  friend bool operator==(const account_totals&, const account_totals&) = default;
};

struct account_snapshot {
  account_id account;
  tenant_id tenant;
  std::uint64_t seq = 0;
  digest head{}; // hash of the entry `seq`
  time_point booked_at;
  account_totals totals;
  bool frozen = false;
  std::vector<lot> lots;        // every lot with units left
  std::vector<open_hold> holds; // every hold with units left
};

/// An inbox is read in pages, the rows that wait in the order of their ids: oldest first.
inline constexpr std::size_t rows_per_inbox_page = 500;
struct inbox_page {
  account_id account;
  inbox_id after; // the last row of the page before; nil: the first page
};

/// What an account wakes up from: the snapshot, what happened since, and what waits in its inbox.
struct account_history {
  account_snapshot snapshot;
  std::vector<account_event> tail;    // entries after the snapshot, seq rising
  std::vector<inbox_command> waiting; // the first page of its inbox
  hold_reminder reminder;
};

} // namespace tessera
