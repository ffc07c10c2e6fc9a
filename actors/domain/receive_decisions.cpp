#include "actors/domain/burn_down.hpp"
#include "actors/domain/credit_account.hpp"
#include "actors/domain/draft.hpp"
#include "actors/domain/transfer.hpp"

#include <algorithm>
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

/// An expiry or a repayment comes behind it.
bool has_consequences(const credit_account& account, const receive_credits& command, time_point at) {
  return !account.totals.now.debt.is_zero() ||
         std::ranges::any_of(command.lots, [at](const lot& each) { return is_over(each, at); });
}

} // namespace

result<decided> decide(const credit_account& account, const receive_credits& command, time_point now) {
  const auto units = units_in(command.lots);
  const bool comes_back = command.kind == inbox_kind::allocation_bounce;
  if (!units || !fits(account, *units, comes_back)) {
    rejection why{errc::amount_out_of_range};
    why.would_allow = room_in(account, comes_back);
    return why;
  }
  beginning begun(account, now);
  if (!has_consequences(account, command, begun.own)) {
    add_arrival(begun.events, begun.account(), command, *units, begun.own);
    return std::move(begun.events);
  }
  draft made(account, now, 3, command.lots);
  decided arrived;
  add_arrival(arrived, made.account(), command, *units, made.at());
  made.book(std::move(arrived));
  made.expire();
  made.repay();
  return std::move(made).take();
}

} // namespace tessera
