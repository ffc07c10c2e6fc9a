#pragma once

#include "actors/domain/credit_account.hpp"

/// Spending in two phases (R-C 3.4, decision 0035).
namespace tessera {

/// Open at a time. They may all end at once, and are booked then in one round, two entries each at most.
inline constexpr std::size_t most_open_holds = 5'000;

/// Sets the amount aside, from the lots that a spend would take now. Rejects as a spend does, and
/// too_many_holds.
result<decided> decide(const credit_account& account, const hold_credits& command, time_point now);

/// True when it is an open hold of the application that whoever asks neither holds nor administers: nobody is
/// told by the answer to a key what others did.
bool is_held_by_another(
    const credit_account& account, std::uint64_t hold, const hold_request& by, bool administers
);

/// Uses units of the hold in the order in which it took them; what it does not use goes back unless the hold
/// stays open. What goes beyond the hold is spent or refused, together with all of it. Works on a frozen
/// account, but for what goes beyond.
result<decided> decide(const credit_account& account, const capture_hold& command, time_point now);

/// Lets all that is left go. Works on a frozen account.
result<decided> decide(const credit_account& account, const release_hold& command, time_point now);

} // namespace tessera
