#include "actors/domain/decision_parts.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/entry_effects.hpp"
#include "actors/domain/hold_entries.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr auto tick = tick_of_bookings;

/// So much may have come in and gone out again: far from what an int64 holds.
constexpr credits most_ever{std::int64_t{1} << 62};

bool is_to_expire(const lot& candidate, time_point at) {
  return !candidate.free.is_zero() && is_over(candidate, at);
}

/// The last end of a lot or a hold after `first` and up to `last`.
std::optional<time_point>
last_end(const credit_account& account, std::span<const lot> coming, time_point first, time_point last) {
  std::optional<time_point> found;
  const auto note = [&](time_point end) {
    if (end > first && end <= last) found = std::max(found, std::optional(end));
  };
  const auto note_lots = [&](std::span<const lot> lots) {
    for (const auto& each : lots)
      if (each.expires_at) note(*each.expires_at);
  };
  note_lots(account.lots);
  note_lots(coming);
  for (const auto& each : account.holds.over_by(last))
    note(each->ends_at);
  return found;
}

/// As many as may be needed to book what is over at `at`: for each hold a release and what of it expires, one
/// for the lots, and one for what is repaid.
std::int64_t most_bookings(const credit_account& account, time_point at) {
  const auto holds = std::ranges::distance(account.holds.over_by(at));
  if (holds > 0) return 2 * holds + (account.totals.now.debt.is_zero() ? 1 : 2);
  return anything_to_expire(account, at) ? 1 : 0;
}

/// Ends the holds that are over. What was held longer than its lot lived never comes back (R-C 3.4); what
/// came back in time may be over by now, like any other free unit.
void end_holds(decided& events, credit_account& account, time_point at) {
  while (!account.holds.empty()) {
    const auto next = account.holds.all().front();
    if (next->ends_at > at) return;
    const auto first = events.size();
    const auto booked_at = events.empty() ? at : events.back().booked.booked_at + tick;
    add_release(events, account, *next, next->captured, hold_state::expired, next->ends_at, booked_at);
    for (auto i = first; i < events.size(); ++i)
      evolve(account, events[i]);
  }
}

} // namespace

beginning::beginning(
    const credit_account& account, time_point now, std::size_t own_entries, std::span<const lot> coming
)
    : before(&account) {
  const auto span = tick * static_cast<std::int64_t>(own_entries - 1);
  auto start = next_booking(account, now);
  for (;;) {
    own = start + tick * most_bookings(account, start);
    const auto end = last_end(account, coming, start, own + span);
    if (!end) break;
    start = *end;
  }
  if (own == start) return; // nothing is over
  if (!account.holds.empty() && account.holds.all().front()->ends_at <= start) {
    settled.emplace(account);
    end_holds(events, *settled, start);
  }
  const bool owes = settled && !account.totals.now.debt.is_zero();
  if (anything_to_expire(this->account(), start)) {
    add_expiry(events, this->account(), own - (owes ? 2 : 1) * tick);
    if (settled) evolve(*settled, events.back());
  }
  if (owes) settle_debt();
}

/// What holds gave back is owed.
void beginning::settle_debt() {
  const auto booked = events.size();
  add_repaid(events, *settled, own - tick);
  if (events.size() > booked) evolve(*settled, events.back());
}

account_event& add_entry(
    decided& events, const credit_account& account, entry_type type, credits units, time_point booked_at
) {
  const auto seq = events.empty() ? account.seq : events.back().booked.seq;
  const auto& before = events.empty() ? account.totals.now : events.back().booked.after;
  const auto after = apply(effect_of(type), before, units);
  auto& added = events.emplace_back();
  auto& booked = added.booked;
  booked.account = account.id;
  booked.seq = seq + 1;
  booked.tenant = account.tenant;
  booked.type = type;
  booked.units = units;
  booked.after = after;
  booked.occurred_at = booked_at;
  booked.booked_at = booked_at;
  return added;
}

bool anything_to_expire(const credit_account& account, time_point at) {
  return std::ranges::any_of(account.lots, [at](const lot& each) { return is_to_expire(each, at); });
}

bool protects_what_is_over(const credit_account& account, time_point at) {
  return std::ranges::any_of(account.lots, [at](const lot& each) {
    return is_over(each, at) && !each.held.is_zero();
  });
}

void add_expiry(decided& events, const credit_account& account, time_point at) {
  std::vector<slice> slices;
  credits units;
  for (const auto& each : account.lots) {
    if (!is_to_expire(each, at)) continue;
    slices.push_back({each.id, each.free});
    units += each.free;
  }
  auto& booked = add_entry(events, account, entry_type::expire, units, at).booked;
  booked.slices = std::move(slices);
  booked.usable_after = account.usable({}, at);
}

void add_repayment(decided& events, const credit_account& before) {
  if (before.totals.now.debt.is_zero() || events.empty()) return;
  auto after = before;
  for (const auto& each : events)
    evolve(after, each);
  add_repaid(events, after, after.booked_at + tick);
}

void add_repaid(decided& events, const credit_account& account, time_point at) {
  const auto& now = account.totals.now;
  const auto paid = std::min(now.debt, now.available);
  if (paid.is_zero()) return;
  auto& booked = add_entry(events, account, entry_type::debt_repaid, paid, at).booked;
  booked.slices = take_free(account.lots, paid);
  booked.usable_after = account.usable({}, at) - eligible_units(account.lots, booked.slices, {}, at);
}

credits usable_when_done(const credit_account& before, const decided& events, const entry& told) {
  const auto& last = events.back().booked;
  const bool changes = last.type == entry_type::debt_repaid || last.type == entry_type::reinstate;
  if (!changes) return told.usable_after; // the usual: nothing is copied
  auto after = before;
  for (const auto& each : events)
    evolve(after, each);
  return after.usable(told.application, last.booked_at);
}

credits room_in(const credit_account& account, bool comes_back) {
  const auto& totals = account.totals;
  const auto there = comes_back ? totals.now.total() : totals.lifetime_in - totals.allocated_out;
  return std::min(most_ever - totals.lifetime_in, credits{credits::limit} - there);
}

bool fits(const credit_account& account, credits amount, bool comes_back) {
  return is_in_range(amount) && amount <= room_in(account, comes_back);
}

bool is_in_range(credits amount) {
  return amount >= credits{1} && amount <= credits{credits::limit};
}

rejection
refusal_of(const credit_account& account, credits requested, credits available, credits would_allow) {
  auto why = shortage_of(account, requested, available, would_allow);
  if (!account.frozen) return why;
  why.code = errc::entity_frozen;
  why.blocker = blocked_by::frozen;
  why.would_allow = credits{0};
  return why;
}

rejection
shortage_of(const credit_account& account, credits requested, credits available, credits would_allow) {
  rejection why{errc::ok};
  why.requested = requested;
  why.available = available;
  why.would_allow = would_allow;
  if (!is_in_range(requested)) {
    why.code = errc::amount_out_of_range;
  } else if (requested > would_allow) {
    why.code = errc::insufficient_credits;
    why.blocker = account.totals.now.debt.is_zero() ? blocked_by::balance : blocked_by::debt;
  }
  return why;
}

} // namespace tessera
