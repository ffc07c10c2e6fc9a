#include "actors/domain/holds.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/hold_entries.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tessera {

namespace {

// The capture, the release of the rest, what of it expires, and what is repaid; or a spend of what goes
// beyond, which leaves no rest, and the capture.
constexpr std::size_t most_entries = 4;

void note_request(entry& booked, const hold_request& by) {
  booked.requested_by = by.requested_by;
  booked.request_id = by.request_id;
  booked.caller_key = by.caller_key;
}

/// The key of a command stands in the last entry of its hold: it says what became of it.
void note_key(decided& events, const hold_request& by) {
  const auto last = std::find_if(events.rbegin(), events.rend(), [](const account_event& each) {
    return each.booked.hold.has_value();
  });
  assert(last != events.rend());
  last->booked.idempotency = by.idempotency;
}

struct open_or_why {
  hold_book::shared_hold hold;
  rejection why;
};

open_or_why
find_open(const credit_account& account, std::uint64_t seq, const hold_request& by, bool administers) {
  const auto hold = account.holds.find(seq);
  if (!hold || hold->purpose != hold_purpose::spend || hold->application != by.application)
    return {nullptr, errc::hold_not_open};
  if (!is_same(hold->holder, by.requested_by) && !administers) return {nullptr, errc::not_the_holder};
  return {hold, {}};
}

/// Takes what the hold does not have from the lots; nothing when it may not.
rejection add_overage(
    beginning& begun, const capture_hold& command, const open_hold& hold, credits held, time_point at
) {
  const auto beyond = command.amount - held;
  const auto& account = begun.account();
  const auto usable = account.usable(command.application, at);
  if (!is_in_range(command.amount)) return errc::amount_out_of_range;
  if (auto why = refusal_of(account, beyond, usable, usable); why.code != errc::ok) {
    why.requested = command.amount;
    why.would_allow += held; // a frozen account gives what is held
    return why;
  }
  auto& booked = add_entry(begun.events, account, entry_type::spend, beyond, at).booked;
  booked.slices = burn_down(account.lots, beyond, command.application, at);
  booked.usable_after = usable - beyond;
  booked.application = command.application;
  booked.meter = hold.meter;
  booked.reference = hold_id_of({account.id, hold.seq});
  note_request(booked, command);
  return {};
}

result<decided> release_all(
    const credit_account& account,
    beginning begun,
    const open_hold& hold,
    const hold_request& by,
    time_point at
) {
  const auto first = begun.events.size();
  add_release(begun.events, begun.account(), hold, hold.captured, hold_state::released, at, at);
  for (auto i = first; i < begun.events.size(); ++i)
    note_request(begun.events[i].booked, by);
  note_key(begun.events, by);
  add_repayment(begun.events, account);
  return std::move(begun.events);
}

} // namespace

bool is_held_by_another(
    const credit_account& account, std::uint64_t hold, const hold_request& by, bool administers
) {
  return find_open(account, hold, by, administers).why.code == errc::not_the_holder;
}

result<decided> decide(const credit_account& account, const hold_credits& command, time_point now) {
  beginning begun(account, now);
  const auto& there = begun.account();
  const auto usable = there.usable(command.application, begun.own);
  if (auto why = refusal_of(there, command.amount, usable, usable); why.code != errc::ok) return why;
  if (there.holds.size() >= most_open_holds) return errc::too_many_holds;
  auto& booked = add_hold(
      begun.events,
      there,
      {hold_purpose::spend,
       burn_down(there.lots, command.amount, command.application, begun.own),
       begun.own + command.ttl,
       command.application},
      begun.own
  );
  booked.usable_after = usable - command.amount;
  booked.meter = command.meter;
  booked.metadata = command.metadata;
  booked.idempotency = command.idempotency;
  note_request(booked, command);
  return std::move(begun.events);
}

result<decided> decide(const credit_account& account, const capture_hold& command, time_point now) {
  beginning begun(account, now, most_entries);
  const auto [hold, why] = find_open(begun.account(), command.hold, command, command.administers);
  if (!hold) return why;
  const auto held = sum_of(hold->left);
  auto at = begun.own;
  if (command.amount.is_zero()) return release_all(account, std::move(begun), *hold, command, at);
  if (command.amount > held && !command.spend_overage) {
    rejection exceeds{errc::capture_exceeds_hold};
    exceeds.requested = command.amount;
    exceeds.available = exceeds.would_allow = held;
    return exceeds;
  }
  const auto used = std::min(command.amount, held);
  if (used < command.amount) {
    if (auto no = add_overage(begun, command, *hold, held, at); no.code != errc::ok) return no;
    at += tick_of_bookings;
  }
  const auto captured = hold->captured + used;
  const bool ends = command.final || used == held;
  auto& booked = add_taking(
      begun.events,
      begun.account(),
      entry_type::capture,
      *hold,
      first_of(hold->left, used),
      ends ? hold_state::captured : hold_state::open,
      at
  );
  booked.usable_after = begun.account().usable(hold->application, at) - (command.amount - used);
  note_request(booked, command);
  if (ends && used < held) {
    auto rest = *hold;
    take_out(rest.left, booked.slices);
    const auto first = begun.events.size();
    at += tick_of_bookings;
    add_release(begun.events, begun.account(), rest, captured, hold_state::captured, at, at);
    for (auto i = first; i < begun.events.size(); ++i)
      note_request(begun.events[i].booked, command);
  }
  note_key(begun.events, command);
  add_repayment(begun.events, account);
  return std::move(begun.events);
}

result<decided> decide(const credit_account& account, const release_hold& command, time_point now) {
  beginning begun(account, now, most_entries);
  const auto [hold, why] = find_open(begun.account(), command.hold, command, command.administers);
  if (!hold) return why;
  const auto at = begun.own;
  return release_all(account, std::move(begun), *hold, command, at);
}

} // namespace tessera
