#include "actors/domain/hold_entries.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/must.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tessera {

namespace {

hold_mark mark_of(const open_hold& hold, credits captured, hold_state state) {
  return {hold.purpose, state, hold.amount, captured, hold.ends_at};
}

/// An entry that belongs to the hold.
entry& add_hold_entry(
    decided& events,
    const credit_account& account,
    entry_type type,
    const open_hold& hold,
    std::vector<slice> slices,
    time_point at
) {
  auto& booked = add_entry(events, account, type, sum_of(slices), at).booked;
  booked.slices = std::move(slices);
  booked.reference = hold_id_of({account.id, hold.seq});
  booked.application = hold.application;
  return booked;
}

bool is_over_by(const credit_account& account, const slice& part, time_point at) {
  const auto source = std::ranges::find(account.lots, part.lot, &lot::id);
  must(source != account.lots.end(), "the lots of a hold are there");
  return is_over(*source, at);
}

} // namespace

entry& add_hold(decided& events, const credit_account& account, opening how, time_point at) {
  const auto amount = sum_of(how.slices);
  auto& booked = add_entry(events, account, entry_type::hold, amount, at).booked;
  booked.slices = std::move(how.slices);
  booked.application = std::move(how.application);
  booked.reference = hold_id_of({account.id, booked.seq});
  booked.hold = hold_mark{how.purpose, hold_state::open, amount, credits{}, how.ends_at};
  return booked;
}

entry& add_taking(
    decided& events,
    const credit_account& account,
    entry_type type,
    const open_hold& hold,
    std::vector<slice> slices,
    hold_state state,
    time_point at
) {
  const auto captured = hold.captured + sum_of(slices);
  auto& booked = add_hold_entry(events, account, type, hold, std::move(slices), at);
  booked.meter = hold.meter;
  booked.hold = mark_of(hold, captured, state);
  return booked;
}

void add_release(
    decided& events,
    const credit_account& account,
    const open_hold& hold,
    credits captured,
    hold_state state,
    time_point over_by,
    time_point at
) {
  std::vector<slice> over;
  for (const auto& part : hold.left)
    if (is_over_by(account, part, over_by)) over.push_back(part);
  const auto usable = [&](std::string_view application, time_point by) {
    return free_units(account.lots, application, by) +
           eligible_units(account.lots, hold.left, application, by);
  };
  auto& released = add_hold_entry(events, account, entry_type::release, hold, hold.left, at);
  released.usable_after = usable(hold.application, at);
  released.hold = mark_of(hold, captured, state);
  if (over.empty()) return;
  at += tick_of_bookings;
  auto& expired = add_hold_entry(events, account, entry_type::expire, hold, std::move(over), at);
  expired.application.clear();
  expired.usable_after = usable({}, at);
}

void apply_to_holds(hold_book& holds, const entry& booked) {
  if (!booked.hold) return;
  if (booked.type == entry_type::hold) {
    holds.add(
        {.seq = booked.seq,
         .purpose = booked.hold->purpose,
         .application = booked.application,
         .meter = booked.meter,
         .holder = booked.requested_by,
         .amount = booked.hold->amount,
         .captured = booked.hold->captured,
         .ends_at = booked.hold->ends_at,
         .taken = booked.slices,
         .left = booked.slices}
    );
    return;
  }
  const auto before = holds.find(seq_of_hold(booked.reference));
  must(before != nullptr, "a hold that is settled is open");
  auto changed = *before;
  changed.captured = booked.hold->captured;
  take_out(changed.left, booked.slices);
  holds.replace(std::move(changed));
}

} // namespace tessera
