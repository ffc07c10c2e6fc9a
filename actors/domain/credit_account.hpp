#pragma once

#include "actors/domain/hold_book.hpp"
#include "messages/accounts.hpp"
#include "messages/journal.hpp"

#include <string_view>
#include <vector>

/// The rules of a balance: what may happen to it (`decide`), and what it then is (`evolve`). Pure: time is an
/// argument, ids come from the caller.
namespace tessera {

/// The balance of one entity at one point of its ledger.
struct credit_account {
  account_id id;
  tenant_id tenant;
  std::uint64_t seq = 0; // of the last entry
  digest head{};         // its hash
  time_point booked_at;  // when it was booked; the next entry is later
  bool frozen = false;
  account_totals totals; // `now.available` counts every free unit that no entry has expired yet
  std::vector<lot> lots; // with units left, in burn order (R-C 3.3)
  hold_book holds;       // with units left

  /// Free units usable by `application` at `now`; an empty application sees every live lot. What holds have
  /// that are over by then is free, whether or not it has been booked; not for an account with a debt, which
  /// is settled first.
  credits usable(std::string_view application, time_point now) const;

  friend bool operator==(const credit_account&, const credit_account&) = default;
};

credit_account restore(const account_snapshot& snapshot);
account_snapshot snapshot_of(const credit_account& account);

/// The instant that the account's next entry carries: never before its last one (R-C 3.9).
time_point next_booking(const credit_account& account, time_point now);

/// Events that a command causes, in order: entries without `hash` and `writer`, seq rising from the
/// account's. What is over at the booking instant is booked first: the units of each hold go back, and those
/// of lots expire, in entries of their own. A debt is repaid from units that become free, at once.
using decided = std::vector<account_event>;

/// Takes `amount` from the eligible lots in burn order, or rejects: entity_frozen, insufficient_credits (with
/// available and would_allow), amount_out_of_range.
result<decided> decide(const credit_account& account, const consume_credits& command, time_point now);

/// Opens the lots, or adds to live ones that are equal in all terms (R-C 3.2). Rejects amount_out_of_range
/// when the balance would pass credits::limit; what comes back may be asked again when there is room. A lot
/// that is over already is opened and expired in the same decision.
result<decided> decide(const credit_account& account, const receive_credits& command, time_point now);

/// Expires what is over; nothing to expire gives no events.
decided decide(const credit_account& account, const expire_lots& command, time_point now);

/// Applies one event; live traffic, replay and tests call the same function. Throws std::logic_error when it
/// takes from a lot that is not there: then the history is not that of the account.
void evolve(credit_account& account, const account_event& event);

/// What a caller sees: expiry is applied up to `now`, whether or not it has been booked.
balance_view view(const credit_account& account, std::string_view application, time_point now);

} // namespace tessera
