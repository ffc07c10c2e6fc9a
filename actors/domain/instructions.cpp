#include "actors/domain/instructions.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/freezes.hpp"
#include "actors/domain/instruction_parts.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

void add_clawback(draft& made, const instruction& asked, credits taken, std::vector<lot> from) {
  std::ranges::stable_partition(from, [&](const lot& each) { return is_of(each, asked.roots); });
  auto clawed = made.next(entry_type::clawback, taken);
  clawed.booked.slices = take_free(from, taken);
  note_asker(clawed.booked, asked);
  made.book(std::move(clawed));
}

void add_debt(draft& made, const instruction& asked, credits owed) {
  auto adjusted = made.next(entry_type::adjust, owed);
  note_asker(adjusted.booked, asked);
  made.book(std::move(adjusted));
}

/// What holds gave back may be owed already: that comes first.
void let_go_first(draft& made, const instruction& asked) {
  for (const auto seq : asked.holds)
    if (const auto hold = find_set_aside(made.account(), seq))
      let_go_of(made, *hold, hold_state::released, asked);
  made.repay();
}

result<carried_out> claw_back(const credit_account& account, const instruction& asked, time_point now) {
  draft made(account, now, 2 * asked.holds.size() + 3);
  let_go_first(made, asked);
  const auto from = free_lots(made);
  const auto taken = std::min(asked.wanted, free_in(from));
  const auto owed = asked.wanted - taken;
  if (!is_in_range(asked.wanted) || !credits::checked_add(made.account().totals.now.debt, owed))
    return errc::amount_out_of_range;
  if (!taken.is_zero()) add_clawback(made, asked, taken, from);
  if (!owed.is_zero()) add_debt(made, asked, owed);
  return carried_out{std::move(made).take(), {}, asked.wanted};
}

/// Less than was asked for, or nothing, is an answer.
result<carried_out> recall(const credit_account& account, const instruction& asked, time_point now) {
  draft made(account, now, 2 * asked.holds.size() + 2);
  if (!asked.holds.empty()) let_go_first(made, asked);
  auto from = free_lots(made);
  std::erase_if(from, [&](const lot& each) { return !asked.roots.empty() && !is_of(each, asked.roots); });
  const auto units = std::min(asked.wanted, free_in(from));
  if (units.is_zero() && asked.holds.empty()) return carried_out{};
  if (units.is_zero()) return carried_out{std::move(made).take(), {}, {}};
  auto sent = send_on(made, asked, {entry_type::reclaim_out, inbox_kind::reclaim}, take_free(from, units));
  return carried_out{std::move(made).take(), {std::move(sent)}, units};
}

result<carried_out> freeze(const credit_account& account, const instruction& asked, time_point now) {
  change_freeze change;
  change.frozen = asked.kind == inbox_kind::freeze;
  change.reason = asked.reference;
  change.requested_by = asked.requested_by;
  change.request_id = asked.request_id;
  return carried_out{decide(account, change, now), {}, {}};
}

} // namespace

result<carried_out> decide(const credit_account& account, const instruction& asked, time_point now) {
  switch (asked.kind) {
  case inbox_kind::set_aside: return set_aside(account, asked, now);
  case inbox_kind::let_go: return let_go(account, asked, now);
  case inbox_kind::pay_back: return pay_back(account, asked, now);
  case inbox_kind::move_on: return move_on(account, asked, now);
  case inbox_kind::claw_back: return claw_back(account, asked, now);
  case inbox_kind::recall: return recall(account, asked, now);
  case inbox_kind::freeze:
  case inbox_kind::unfreeze: return freeze(account, asked, now);
  default: break;
  }
  throw std::logic_error("what brings credits is no instruction");
}

} // namespace tessera
