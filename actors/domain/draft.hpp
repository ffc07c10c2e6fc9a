#pragma once

#include "actors/domain/decision_parts.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace tessera {

/// A decision in the making, entry by entry, and the account as the entries so far leave it. Copies the
/// account: for what is rare.
class draft {
public:
  /// Begins as every decision does; it may add `own_entries` at most.
  draft(const credit_account& account, time_point now, std::size_t own_entries);

  const credit_account& account() const { return then_; }
  /// When the next entry is booked.
  time_point at() const { return at_; }

  /// Appends what `add(events, account, at)` adds, if it does.
  template <class Add> void append(Add add) {
    const auto first = events_.size();
    add(events_, std::as_const(then_), at_);
    follow(first);
  }
  /// Repays what is owed from what is free by now.
  void repay();

  std::span<account_event> events() { return events_; }
  decided take() && { return std::move(events_); }

private:
  void follow(std::size_t first);

  credit_account then_;
  decided events_;
  time_point at_;
};

} // namespace tessera
