#pragma once

#include "actors/domain/credit_account.hpp"

/// Spending in two phases (R-C 3.4, decision 0035).
namespace tessera {

/// Open at a time. They may all end at once, and are booked then in one round, two entries each at most.
inline constexpr std::size_t most_open_holds = 5'000;

/// Sets the amount aside, from the lots that a spend would take now. Rejects as a spend does, and
/// too_many_holds.
result<decided> decide(const credit_account& account, const hold_credits& command, time_point now);

/// Uses units of the hold in the order in which it took them; what it does not use goes back unless the hold
/// stays open. What goes beyond the hold is spent or refused, together with all of it. Works on a frozen
/// account, but for what goes beyond.
result<decided> decide(const credit_account& account, const capture_hold& command, time_point now);

/// Lets all that is left go. Works on a frozen account.
result<decided> decide(const credit_account& account, const release_hold& command, time_point now);

/// Lets all that is left of a hold go, which becomes `state`: units of lots that are over by `over_by` expire
/// without having been available to anybody. The release comes first; a booking is a tick after the other.
void add_release(
    decided& events,
    const credit_account& account,
    const open_hold& hold,
    credits captured,
    hold_state state,
    time_point over_by,
    time_point at
);

/// How a hold begins.
struct opening {
  hold_purpose purpose = hold_purpose::spend;
  std::vector<slice> slices;
  time_point ends_at;
  std::string application; // empty: it belongs to none
};
/// Opens a hold: its units are no longer free. The caller adds who asked, and why.
entry& add_hold(decided& events, const credit_account& account, opening how, time_point at);

/// Adds an entry that takes `slices` from the hold for good, as which it is `captured` and `state` then.
entry& add_taking(
    decided& events,
    const credit_account& account,
    entry_type type,
    const open_hold& hold,
    std::vector<slice> slices,
    hold_state state,
    time_point at
);

/// What `evolve` does to the holds.
void apply_to_holds(hold_book& holds, const entry& booked);

} // namespace tessera
