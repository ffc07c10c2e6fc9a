#pragma once

#include "actors/domain/credit_account.hpp"

#include <optional>
#include <string_view>

namespace tessera {

/// An account on the way to an instant of its past: begins at a snapshot or at nothing, and folds the entries
/// after it with the same `evolve` that live traffic uses.
class past_balance {
public:
  /// Before the genesis entry.
  explicit past_balance(time_point at) : at_(at) {}
  /// From a snapshot that was booked at `at` or earlier.
  past_balance(const account_snapshot& kept, time_point at) : at_(at), account_(restore(kept)) {}

  /// Takes the next entry in. False: it was booked after `at`, and so is every later one.
  bool fold(const account_event& next);

  /// The balance at `at`; what was over by then is gone, to the microsecond. All zeros when nothing had
  /// happened.
  balance_view view(std::string_view application) const;

private:
  time_point at_;
  std::optional<credit_account> account_; // nothing: it did not exist yet
};

} // namespace tessera
