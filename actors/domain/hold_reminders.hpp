#pragma once

#include "actors/domain/credit_account.hpp"

/// When a supervisor must look at an account for the sake of its holds (decision 0045). Written in the
/// account's own rounds, and seldom: it only has to be no later than the end of any open hold.
namespace tessera {

/// A hold that these events open may end before anybody would look: then `known`, and what is written,
/// change.
void remind_of_holds(write_set& writes, hold_reminder& known);

/// The time has come: from now on it is the end of the next hold that is open when the events have happened.
void remind_of_next(
    write_set& writes, hold_reminder& known, const credit_account& before, const decided& events
);

} // namespace tessera
