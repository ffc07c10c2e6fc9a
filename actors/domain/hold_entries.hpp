#pragma once

#include "actors/domain/credit_account.hpp"

#include <string>
#include <vector>

/// The entries of holds, whoever writes them (decision 0035).
namespace tessera {

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

/// Adds an entry that takes `slices` from the hold for good; the hold is `state` then.
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
