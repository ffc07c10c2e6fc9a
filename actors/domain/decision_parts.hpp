#pragma once

#include "actors/domain/credit_account.hpp"

/// What every decision is made of.
namespace tessera {

/// The distance between two entries of one decision.
inline constexpr time_point::duration tick_of_bookings{1};

/// When the entries of a decision are booked.
struct schedule {
  bool expires = false; // something is over: it is booked one tick before the command's first own entry
  time_point own;       // the others follow a tick apart

  time_point expiry() const { return own - tick_of_bookings; }
};

/// No lot ends between the expiry and the last of `own_entries`: the balances of all of them are exact when
/// they are booked.
schedule schedule_of(const credit_account& account, time_point now, std::size_t own_entries = 1);

/// Adds the next entry: seq and balances continue from the one before it. It happened when it was booked
/// unless the caller knows better.
account_event& add_entry(
    decided& events, const credit_account& account, entry_type type, credits units, time_point booked_at
);

bool anything_to_expire(const credit_account& account, time_point at);
/// Takes the free units of every lot that is over. Held ones stay: a hold protects them (R-C 3.4).
void add_expiry(decided& events, const credit_account& account, time_point at);

bool is_in_range(credits amount);

/// Why a frozen account, or one that has not enough, says no to `requested`; errc::ok when it may happen.
/// `available` is what is there, `would_allow` what could be taken.
rejection
refusal_of(const credit_account& account, credits requested, credits available, credits would_allow);

} // namespace tessera
