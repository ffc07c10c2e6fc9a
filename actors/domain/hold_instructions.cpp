#include "actors/domain/burn_down.hpp"
#include "actors/domain/hold_entries.hpp"
#include "actors/domain/holds.hpp"
#include "actors/domain/instruction_parts.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/must.hpp"

#include <algorithm>
#include <utility>

/// Setting credits aside for what happens elsewhere, and what becomes of them: see instructions.hpp.
namespace tessera {

namespace {

/// Of these lots the hold may take: of the named roots, and for an escrow those that could move now.
std::vector<lot> lots_to_hold(const draft& made, const instruction& asked) {
  auto lots = free_lots(made);
  const bool moves = asked.purpose == hold_purpose::escrow;
  std::erase_if(lots, [&](const lot& each) {
    return (moves && !is_eligible(each, {}, made.at())) ||
           (!asked.roots.empty() && !is_of(each, asked.roots));
  });
  return lots;
}

void keep_those_that_outlive(std::vector<lot>& lots, time_point end) {
  std::erase_if(lots, [end](const lot& each) { return each.expires_at && *each.expires_at < end; });
}

/// Opens the hold, or for a dispute one for each lot, which ends with it.
std::vector<opening>
openings_of(const std::vector<lot>& lots, credits units, const instruction& asked, time_point end) {
  auto taken = take_free(lots, units);
  std::vector<opening> all;
  if (asked.purpose != hold_purpose::dispute) {
    all.push_back({asked.purpose, std::move(taken), end, asked.requested_by.application});
    if (asked.purpose == hold_purpose::refund) all.back().application.clear();
    return all;
  }
  for (const auto& part : taken) {
    const auto& source = *std::ranges::find(lots, part.lot, &lot::id);
    all.push_back({asked.purpose, {part}, std::min(end, source.expires_at.value_or(end)), {}});
  }
  return all;
}

/// The hold that the instruction names; null: it is not open.
hold_book::shared_hold named_hold(const credit_account& account, const instruction& asked) {
  return asked.holds.size() == 1 ? find_set_aside(account, asked.holds.front()) : nullptr;
}

void add_refund(draft& made, const open_hold& hold, const instruction& asked) {
  using enum hold_state;
  decided refunded;
  auto units = first_of(hold.left, asked.wanted);
  const auto& account = made.account();
  auto& booked =
      add_taking(refunded, account, entry_type::refund, hold, std::move(units), captured, made.at());
  note_asker(booked, asked);
  made.book(std::move(refunded));
}

} // namespace

result<carried_out> set_aside(const credit_account& account, const instruction& asked, time_point now) {
  if (!is_in_range(asked.wanted)) return errc::amount_out_of_range;
  draft made(account, now, account.lots.size() + 1);
  const bool is_escrow = asked.purpose == hold_purpose::escrow;
  if (is_escrow && account.frozen) return errc::entity_frozen;
  const auto needed_until = made.at() + asked.ttl;
  const auto end = is_escrow ? needed_until + escrow_beyond : needed_until;
  auto lots = lots_to_hold(made, asked);
  const bool would_do = free_in(lots) >= asked.wanted;
  if (is_escrow) keep_those_that_outlive(lots, needed_until);
  const auto units = std::min(asked.wanted, free_in(lots));
  if (units < asked.wanted && !asked.partial)
    return would_do ? errc::lots_expire_before_invitation : errc::insufficient_credits;
  if (units.is_zero()) return carried_out{};
  auto openings = openings_of(lots, units, asked, end);
  if (made.account().holds.size() + openings.size() > most_open_holds) return errc::too_many_holds;
  for (auto& each : openings) {
    decided opened;
    note_asker(add_hold(opened, made.account(), std::move(each), made.at()), asked);
    made.book(std::move(opened));
  }
  return carried_out{std::move(made).take(), {}, units};
}

result<carried_out> let_go(const credit_account& account, const instruction& asked, time_point now) {
  draft made(account, now, 3);
  const auto hold = named_hold(made.account(), asked);
  if (!hold) return errc::hold_not_open;
  let_go_of(made, *hold, hold_state::released, asked);
  made.repay();
  return carried_out{std::move(made).take(), {}, sum_of(hold->left)};
}

result<carried_out> pay_back(const credit_account& account, const instruction& asked, time_point now) {
  draft made(account, now, 4);
  const auto hold = named_hold(made.account(), asked);
  if (!hold || hold->purpose != hold_purpose::refund) return errc::hold_not_open;
  const auto held = sum_of(hold->left);
  if (!is_in_range(asked.wanted)) return errc::amount_out_of_range;
  if (asked.wanted > held) return errc::capture_exceeds_hold;
  add_refund(made, *hold, asked);
  if (const auto rest = made.account().holds.find(hold->seq))
    let_go_of(made, *rest, hold_state::captured, asked);
  made.repay();
  return carried_out{std::move(made).take(), {}, asked.wanted};
}

result<carried_out> move_on(const credit_account& account, const instruction& asked, time_point now) {
  draft made(account, now, 3);
  const auto hold = named_hold(made.account(), asked);
  if (!hold || hold->purpose != hold_purpose::escrow) return errc::hold_not_open;
  auto units = hold->left;
  std::erase_if(units, [&](const slice& part) {
    const auto source = std::ranges::find(made.account().lots, part.lot, &lot::id);
    must(source != made.account().lots.end(), "the lots of a hold are there");
    return is_over(*source, made.at());
  });
  let_go_of(made, *hold, hold_state::captured, asked);
  if (units.empty()) return carried_out{std::move(made).take(), {}, {}};
  const auto moved = sum_of(units);
  auto sent = send_on(made, asked, {entry_type::allocate_out, inbox_kind::allocation}, std::move(units));
  return carried_out{std::move(made).take(), {std::move(sent)}, moved};
}

} // namespace tessera
