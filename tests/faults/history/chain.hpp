#pragma once

#include "tests/faults/history/attempt.hpp"
#include "tests/faults/history/ledger.hpp"
#include "tests/faults/history/violations.hpp"

#include <limits>
#include <map>

namespace tessera::test {

inline constexpr std::uint64_t nobody = std::numeric_limits<std::uint64_t>::max();

/// What an entry did, as far as answers can be compared with it.
struct effect {
  std::int64_t seq = 0;
  std::uint64_t op = nobody;           // who asked; nobody: the service itself
  std::optional<std::uint32_t> number; // the attempt that made it, when the entry says so
  entry_type type = entry_type::genesis;
  std::int64_t units = 0;
  std::int64_t usable = 0;
  std::int64_t available = 0;
  std::int64_t used = 0;
  std::string reference; // purchases only
};

/// What `hash` of the entry must be; it also covers the lots that the entry opened.
digest expected_hash(const digest& previous, const account_event& event);

/// The entry with the lots that say they were opened by it, in the order of the rows.
account_event event_of(const entry& booked, const std::vector<lot_row>& lots);

/// What left accounts for others, and what arrived, over all of them.
struct transfers {
  struct passage {
    std::int64_t left = 0;
    std::int64_t arrived = 0; // or came back
    std::int64_t waits = 0;
  };
  std::map<std::string, passage> by_allocation;

  /// What left is what arrived and what waits, for each allocation.
  void check(violations& found) const;
};

/// Checks everything that a ledger says about itself: seq, chain, balances, lots, snapshot and inbox. Returns
/// the effects in the order of the rows.
std::vector<effect> walk_chain(const account_rows& rows, violations& found, transfers* moved = nullptr);

/// Each inbox row has its entry and each purchase its inbox row.
void check_inbox(const account_rows& rows, violations& found);

/// `account seq 12`, for texts.
std::string place(const account_id& account, std::int64_t seq);

} // namespace tessera::test
