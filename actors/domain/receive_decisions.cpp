#include "actors/domain/burn_down.hpp"
#include "actors/domain/credit_account.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/transfer.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <tuple>
#include <utility>

/// Taking credits in: decisions of credit_account.hpp.
namespace tessera {

namespace {

entry_type type_of(const receive_credits& command) {
  switch (command.kind) {
  case inbox_kind::purchase: return entry_type::purchase;
  case inbox_kind::allocation: return entry_type::allocate_in;
  case inbox_kind::grant: {
    const bool is_bonus = command.lots.front().kind == lot_kind::bonus;
    return is_bonus ? entry_type::bonus : entry_type::grant;
  }
  case inbox_kind::reclaim: return entry_type::reclaim_in;
  case inbox_kind::reinstatement: return entry_type::reinstate;
  default: return entry_type::return_in;
  }
}

/// Everything but what tells two arrivals of one lot apart.
auto terms_of(const lot& x) {
  return std::tie(
      x.root,
      x.kind,
      x.priority,
      x.effective_at,
      x.expires_at,
      x.applications,
      x.purchase_id,
      x.unit_cost_minor,
      x.currency
  );
}

/// The live lot that an arriving one adds to (R-C 3.2); null: it opens a new one.
const lot* equal_lot(const credit_account& account, const lot& arriving, time_point at) {
  const auto equal = std::find_if(account.lots.begin(), account.lots.end(), [&](const lot& each) {
    return !is_over(each, at) && terms_of(each) == terms_of(arriving);
  });
  return equal == account.lots.end() ? nullptr : &*equal;
}

/// A lot that does not say from when it counts does so from its booking on.
lot lot_as_it_arrives(lot arriving, std::uint64_t seq, time_point at) {
  arriving.seq = seq;
  arriving.free = arriving.amount;
  arriving.held = credits{0};
  if (arriving.effective_at == time_point{}) arriving.effective_at = at;
  return arriving;
}

/// The slices come in the order of the lots as they were sent.
void add_arrival(
    decided& events,
    const credit_account& account,
    const receive_credits& command,
    credits units,
    time_point at
) {
  auto& added = add_entry(events, account, type_of(command), units, at);
  auto& booked = added.booked;
  booked.usable_after = account.usable({}, at);
  for (const auto& sent : command.lots) {
    const auto arriving = lot_as_it_arrives(sent, booked.seq, at);
    if (is_eligible(arriving, {}, at)) booked.usable_after += arriving.amount;
    const auto* equal = equal_lot(account, arriving, at);
    booked.slices.push_back({equal ? equal->id : arriving.id, arriving.amount});
    if (!equal) added.opened.push_back(arriving);
  }
  booked.reference = command.reference;
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
}

bool owes(const credit_account& account) {
  return !account.totals.now.debt.is_zero();
}

/// Some of it is over when it arrives.
bool comes_too_late(const receive_credits& command, time_point at) {
  return std::ranges::any_of(command.lots, [at](const lot& each) { return is_over(each, at); });
}

/// Expires what is over once the events have happened. Copies the account: only for what is rare.
void add_expiry_after(decided& events, credit_account account) {
  for (const auto& each : events)
    evolve(account, each);
  add_expiry(events, account, next_booking(account, account.booked_at));
}

} // namespace

result<decided> decide(const credit_account& account, const receive_credits& command, time_point now) {
  const auto units = units_in(command.lots);
  if (!units || !fits(account, *units, command.kind == inbox_kind::allocation_bounce)) return errc::amount_out_of_range;
  beginning begun(account, now);
  const bool late = comes_too_late(command, begun.own);
  // An expiry or a repayment is booked behind it: the first takes lots that end then along, but no hold may.
  const std::size_t entries = 1u + (late ? 1u : 0u) + (owes(account) ? 1u : 0u);
  if (entries > 1 && (!account.holds.empty() || owes(account))) begun = beginning(account, now, entries);
  add_arrival(begun.events, begun.account(), command, *units, begun.own);
  if (late) add_expiry_after(begun.events, account);
  add_repayment(begun.events, account);
  return std::move(begun.events);
}

} // namespace tessera
