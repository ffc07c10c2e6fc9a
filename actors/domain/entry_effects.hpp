#pragma once

#include "messages/journal.hpp"

namespace tessera {

enum class change : std::uint8_t { none, add, take };

/// What the units of an entry do: slice by slice to the lots, in sum to the balances (R-C 3.1).
struct entry_effect {
  change free = change::none; // of the lot; `available` of the account
  change held = change::none; // of the lot; `reserved` of the account
  change used = change::none;
  change debt = change::none;
  credits account_totals::*sum = nullptr; // grows by the units
  bool arrives = false;                   // units from outside: they open a lot, or make an equal one larger
};

const entry_effect& effect_of(entry_type type);
/// The same; null when it is not a type.
const entry_effect* find_effect(entry_type type);

balances apply(const entry_effect& effect, balances before, credits units);
void apply(const entry_effect& effect, lot& target, credits units);

} // namespace tessera
