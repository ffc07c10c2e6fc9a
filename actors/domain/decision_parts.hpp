#pragma once

#include "actors/domain/credit_account.hpp"

#include <optional>
#include <span>

/// What every decision is made of.
namespace tessera {

/// The distance between two entries of one decision.
inline constexpr time_point::duration tick_of_bookings{1};

/// How a decision begins: what is over is booked first, and what the command does is booked from `own` on, a
/// tick apart. No lot and no hold ends between that and the last of `own_entries`, nor does one of the lots
/// that they bring: the balances of all of them are exact when they are booked.
struct beginning {
  beginning(
      const credit_account& account,
      time_point now,
      std::size_t own_entries = 1,
      std::span<const lot> coming = {}
  );

  /// The account that the command meets: holds that were over are gone from it. Free units of lots that are
  /// over may still be there, and are eligible for nothing.
  const credit_account& account() const { return settled ? *settled : *before; }

  decided events;
  time_point own;

private:
  void settle_debt();

  const credit_account* before;          // outlives the decision
  std::optional<credit_account> settled; // only where holds are over: a copy costs
};

/// Adds the next entry: seq and balances continue from the one before it. It happened when it was booked
/// unless the caller knows better.
account_event& add_entry(
    decided& events, const credit_account& account, entry_type type, credits units, time_point booked_at
);

/// True when free units of a lot that is over are still there.
bool anything_to_expire(const credit_account& account, time_point at);
/// True when units of a lot that is over are held.
bool protects_what_is_over(const credit_account& account, time_point at);
/// Takes the free units of every lot that is over. Held ones stay: a hold protects them (R-C 3.4).
void add_expiry(decided& events, const credit_account& account, time_point at);

/// Repays what is owed from the units that the events make free: the last entry of every decision that gives
/// units back (R-C 3.7). Nothing where nothing is owed.
void add_repayment(decided& events, const credit_account& before);
/// The same for an account that has met the events so far, and has no units left of lots that are over.
void add_repaid(decided& events, const credit_account& account, time_point at);

/// What the application of `told`, one of the events, may use when all of them are done: what became free may
/// have repaid a debt behind it, or come back as a new lot.
credits usable_when_done(const credit_account& before, const decided& events, const entry& told);

/// True when the account has room for what arrives. What came in less what was moved away bounds every
/// balance of the account (R-C 3.1), so it alone is checked. What comes back may meet credits that took its
/// place meanwhile: it needs room in the balance only.
bool fits(const credit_account& account, credits amount, bool comes_back = false);
/// How much that is at most.
credits room_in(const credit_account& account, bool comes_back = false);

bool is_in_range(credits amount);

/// Why a frozen account, or one that has not enough, says no to `requested`; errc::ok when it may happen.
/// `available` is what is there, `would_allow` what could be taken.
rejection
refusal_of(const credit_account& account, credits requested, credits available, credits would_allow);

/// The same, whether or not it is frozen.
rejection
shortage_of(const credit_account& account, credits requested, credits available, credits would_allow);

} // namespace tessera
