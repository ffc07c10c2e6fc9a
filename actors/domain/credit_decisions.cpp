#include "actors/domain/burn_down.hpp"
#include "actors/domain/credit_account.hpp"
#include "actors/domain/entry_effects.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

/// The decisions of credit_account.hpp.
namespace tessera {

namespace {

/// The distance between two entries of one decision.
constexpr time_point::duration tick{1};

/// When the entries of a decision are booked.
struct schedule {
  bool expires = false; // something is over: it is booked one tick before the command's own entry
  time_point own;

  time_point expiry() const { return own - tick; }
};

bool is_to_expire(const lot& candidate, time_point at) {
  return !candidate.free.is_zero() && is_over(candidate, at);
}

bool anything_to_expire(const credit_account& account, time_point at) {
  return std::any_of(account.lots.begin(), account.lots.end(), [at](const lot& each) {
    return is_to_expire(each, at);
  });
}

bool anything_ends(const credit_account& account, time_point at) {
  return std::any_of(account.lots.begin(), account.lots.end(), [at](const lot& each) {
    return each.expires_at == at;
  });
}

/// Nothing ends between the expiry and the command's own entry: the balances of both are exact when they are
/// booked.
schedule schedule_of(const credit_account& account, time_point now) {
  const auto first = next_booking(account, now);
  if (!anything_to_expire(account, first)) return {.expires = false, .own = first};
  auto own = first + tick;
  while (anything_ends(account, own))
    own += tick;
  return {.expires = true, .own = own};
}

/// Adds the next entry: seq and balances continue from the one before it. It happened when it was booked
/// unless the caller knows better.
account_event&
add(decided& events, const credit_account& account, entry_type type, credits units, time_point booked_at) {
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

/// Takes the free units of every lot that is over. Held ones stay: a hold protects them (R-C 3.4).
void add_expiry(decided& events, const credit_account& account, time_point at) {
  std::vector<slice> slices;
  credits units;
  for (const auto& each : account.lots) {
    if (!is_to_expire(each, at)) continue;
    slices.push_back({each.id, each.free});
    units += each.free;
  }
  auto& booked = add(events, account, entry_type::expire, units, at).booked;
  booked.slices = std::move(slices);
  booked.usable_after = account.usable({}, at);
}

void add_spend(
    decided& events,
    const credit_account& account,
    const consume_credits& command,
    credits usable,
    time_point at
) {
  auto& booked = add(events, account, entry_type::spend, command.amount, at).booked;
  booked.slices = burn_down(account.lots, command.amount, command.application, at);
  booked.usable_after = usable - command.amount;
  booked.application = command.application;
  booked.meter = command.meter;
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
  booked.event_id = command.event_id;
  booked.caller_key = command.caller_key;
  booked.idempotency = command.idempotency;
  booked.metadata = command.metadata;
  booked.occurred_at = command.occurred_at.value_or(at);
}

bool is_in_range(credits amount) {
  return amount >= credits{1} && amount <= credits{credits::limit};
}

/// The answer to a spend that finds `usable` units; errc::ok when it may happen.
rejection refusal_of(const credit_account& account, const consume_credits& command, credits usable) {
  rejection why{errc::ok};
  why.requested = command.amount;
  why.available = usable;
  why.would_allow = usable;
  if (account.frozen) {
    why.code = errc::entity_frozen;
    why.blocker = blocked_by::frozen;
    why.would_allow = credits{0};
  } else if (!is_in_range(command.amount)) {
    why.code = errc::amount_out_of_range;
  } else if (command.amount > usable) {
    why.code = errc::insufficient_credits;
    why.blocker = account.totals.now.debt.is_zero() ? blocked_by::balance : blocked_by::debt;
  }
  return why;
}

entry_type type_of(inbox_kind kind) {
  switch (kind) {
  case inbox_kind::purchase: return entry_type::purchase;
  }
  assert(!"every kind is named above");
  return entry_type::purchase;
}

/// All that ever came in bounds every other figure of the account (R-C 3.1), so it alone is checked.
bool fits(const credit_account& account, credits amount) {
  return is_in_range(amount) && credits::checked_add(account.totals.lifetime_in, amount);
}

/// A lot that does not say from when it counts does so from its booking on.
lot lot_of(const receive_credits& command, std::uint64_t seq, time_point at) {
  auto opened = command.opened;
  opened.seq = seq;
  opened.free = opened.amount;
  opened.held = credits{0};
  if (opened.effective_at == time_point{}) opened.effective_at = at;
  return opened;
}

void add_receipt(
    decided& events, const credit_account& account, const receive_credits& command, time_point at
) {
  auto& added = add(events, account, type_of(command.kind), command.opened.amount, at);
  auto& booked = added.booked;
  const auto& opened = added.opened.emplace_back(lot_of(command, booked.seq, at));
  booked.slices = {{opened.id, opened.amount}};
  booked.usable_after = account.usable({}, at);
  if (is_eligible(opened, {}, at)) booked.usable_after += opened.amount;
  booked.reference = command.reference;
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
}

/// Expires what is over once the events have happened. Copies the account: only for what is rare.
void add_expiry_after(decided& events, credit_account account) {
  for (const auto& each : events)
    evolve(account, each);
  auto expired = decide(account, expire_lots{}, account.booked_at);
  std::move(expired.begin(), expired.end(), std::back_inserter(events));
}

} // namespace

result<decided> decide(const credit_account& account, const consume_credits& command, time_point now) {
  const auto when = schedule_of(account, now);
  const auto usable = account.usable(command.application, when.own);
  if (auto why = refusal_of(account, command, usable); why.code != errc::ok) return why;
  decided events;
  events.reserve(when.expires ? 2 : 1);
  if (when.expires) add_expiry(events, account, when.expiry());
  add_spend(events, account, command, usable, when.own);
  return events;
}

result<decided> decide(const credit_account& account, const receive_credits& command, time_point now) {
  if (!fits(account, command.opened.amount)) return errc::amount_out_of_range;
  const auto when = schedule_of(account, now);
  decided events;
  if (when.expires) add_expiry(events, account, when.expiry());
  add_receipt(events, account, command, when.own);
  if (is_over(events.back().opened.front(), when.own)) add_expiry_after(events, account);
  return events;
}

decided decide(const credit_account& account, const expire_lots&, time_point now) {
  decided events;
  const auto at = next_booking(account, now);
  if (anything_to_expire(account, at)) add_expiry(events, account, at);
  return events;
}

} // namespace tessera
