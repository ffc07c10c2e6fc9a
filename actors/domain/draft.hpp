#pragma once

#include "actors/domain/decision_parts.hpp"

#include <cstddef>
#include <span>

namespace tessera {

/// A decision in the making, entry by entry, and the account as the entries so far leave it. Copies the
/// account: for what is rare.
class draft {
public:
  /// Begins as every decision does (`beginning`).
  draft(
      const credit_account& account, time_point now, std::size_t own_entries, std::span<const lot> coming = {}
  );

  const credit_account& account() const { return then_; }
  /// When the next entry is booked.
  time_point at() const { return at_; }

  /// The next entry, to be filled in and booked.
  account_event next(entry_type type, credits units) const;
  /// Books what comes next, and says in it what its application could use then.
  void book(account_event next);
  void book(decided next);

  /// Expires what is over by now.
  void expire();
  /// Repays what is owed from what is free by now (R-C 3.7).
  void repay();

  decided take() && { return std::move(events_); }

private:
  credit_account then_;
  decided events_;
  time_point at_;
  time_point last_; // when the last entry may be booked
};

} // namespace tessera
