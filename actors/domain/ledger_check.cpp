#include "actors/domain/ledger_check.hpp"

#include "actors/domain/entry_effects.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace tessera {

namespace {

using lot_units = std::map<lot_id, balances>; // free in `available`, held in `reserved`
using lot_figures = std::map<lot_id, std::array<credits, 3>>;

lot_figures figures_of(const std::vector<lot>& lots) {
  lot_figures all;
  for (const auto& each : lots)
    all[each.id] = {each.free, each.held, each.amount};
  return all;
}

/// What `decide` lets come in and go out again at most: far from what an int64 holds.
constexpr credits most_of_a_sum{std::int64_t{1} << 62};

bool is_figure(credits units) {
  return units >= credits{0} && units <= credits{credits::limit};
}

/// False when the figure would leave its range.
bool moves(credits& target, change what, credits units) {
  if (what == change::add) target += units;
  if (what == change::take) target -= units;
  return is_figure(target);
}

std::string_view place_flaw(const credit_account& before, const entry& booked) {
  const bool is_first = before.id == account_id{};
  if (is_first != (booked.type == entry_type::genesis)) return "genesis entry in the wrong place";
  if (is_first) return booked.seq == 0 ? "" : "genesis entry with another seq than 0";
  if (booked.account != before.id) return "entry of another account";
  if (booked.tenant != before.tenant) return "entry of another tenant";
  if (booked.seq != before.seq + 1) return "gap in seq";
  if (booked.booked_at <= before.booked_at) return "booked_at does not rise";
  return "";
}

std::string_view
balances_flaw(const credit_account& before, const entry& booked, const entry_effect& effect) {
  auto expected = before.totals.now;
  const bool in_range = is_figure(booked.units) && moves(expected.available, effect.free, booked.units) &&
                        moves(expected.reserved, effect.held, booked.units) &&
                        moves(expected.used, effect.used, booked.units) &&
                        moves(expected.debt, effect.debt, booked.units);
  if (!in_range) return "a balance leaves its range";
  if (effect.sum && before.totals.*effect.sum > most_of_a_sum - booked.units) return "a sum leaves its range";
  return expected == booked.after ? "" : "balances do not follow from the entry before";
}

bool is_free_beside_debt(const balances& now) {
  return !now.debt.is_zero() && !now.available.is_zero();
}

/// Units that became free beside a debt repay it in the same decision (R-C 3.7): nothing else may use them.
/// Only what an escrow releases goes on to where it was meant for, all of it.
std::string_view debt_flaw(const credit_account& before, const entry& booked, const entry_effect& effect) {
  const bool brings = effect.free == change::add;
  const bool expires = booked.type == entry_type::expire;
  const bool settles =
      expires || booked.type == entry_type::debt_repaid || booked.type == entry_type::allocate_out;
  const bool meets = is_free_beside_debt(before.totals.now) && !brings && !settles;
  const bool leaves = is_free_beside_debt(booked.after) && !brings && !expires;
  return meets || leaves ? "free credits beside a debt" : "";
}

std::string_view freeze_flaw(const credit_account& before, const entry& booked) {
  const bool freezes = booked.type == entry_type::freeze;
  if (!freezes && booked.type != entry_type::unfreeze) return "";
  return before.frozen == freezes ? "a freeze that changes nothing" : "";
}

/// An opened lot gets its amount by a slice of its own, and nothing more in the same entry.
std::string_view opened_flaw(const account_event& next, const entry_effect& effect) {
  for (const auto& opened : next.opened) {
    const slice whole{opened.id, opened.amount};
    if (opened.seq != next.booked.seq) return "an opened lot has another seq";
    if (opened.free != opened.amount || !opened.held.is_zero()) return "an opened lot that is not whole";
    const auto named = std::ranges::count(next.booked.slices, opened.id, &slice::lot);
    if (!effect.arrives || named != 1 || std::ranges::count(next.booked.slices, whole) != 1)
      return "slices and opened lots differ";
  }
  return "";
}

/// Only a reversal brings lots back that had nothing left, and it fills them.
std::string_view reopened_flaw(const account_event& next) {
  const auto& booked = next.booked;
  for (const auto& reopened : next.reopened) {
    if (booked.type != entry_type::reverse) return "a lot that comes back without a reversal";
    if (!reopened.free.is_zero() || !reopened.held.is_zero()) return "a lot that comes back with units";
    if (reopened.seq >= booked.seq) return "a lot that comes back before it was there";
    if (!std::ranges::count(booked.slices, reopened.id, &slice::lot))
      return "a lot that comes back for nothing";
  }
  return "";
}

/// Slices move units of lots that are there, were just opened or come back; no lot gives more than it has.
std::string_view
slices_flaw(const credit_account& before, const account_event& next, const entry_effect& effect) {
  lot_units units;
  for (const auto& each : before.lots)
    units[each.id] = {each.free, each.held, {}, {}};
  for (const auto& opened : next.opened)
    if (!units.try_emplace(opened.id).second) return "an opened lot is there already";
  for (const auto& reopened : next.reopened)
    units.try_emplace(reopened.id);
  for (const auto& part : next.booked.slices) {
    const auto found = units.find(part.lot);
    if (found == units.end()) return "a slice of a lot that is not there";
    auto& left = found->second;
    if (!moves(left.available, effect.free, part.units) || !moves(left.reserved, effect.held, part.units))
      return "a lot gives more than it has";
  }
  return "";
}

std::string_view sum_flaw(const entry& booked, const entry_effect& effect) {
  if (effect.free == change::none && effect.held == change::none) {
    if (!booked.slices.empty()) return "slices of an entry that moves none";
    return effect.debt == change::none && !booked.units.is_zero() ? "units of an entry that moves none" : "";
  }
  credits sum;
  for (const auto& part : booked.slices) {
    if (part.units <= credits{0} || part.units > credits{credits::limit}) return "a slice without units";
    const auto next = credits::checked_add(sum, part.units);
    if (!next) return "slices above the limit";
    sum = *next;
  }
  return sum == booked.units ? "" : "slices do not sum to the units";
}

std::string_view opening_flaw(const entry& booked) {
  const auto& mark = *booked.hold;
  if (booked.reference != hold_id_of({booked.account, booked.seq})) return "a hold of another name";
  const bool is_new =
      mark.state == hold_state::open && mark.captured.is_zero() && mark.amount == booked.units;
  return is_new && mark.ends_at > booked.booked_at ? "" : "a hold that is not new when it opens";
}

/// What a hold has left once the slices are gone from it; nothing: it has not as much.
std::optional<credits> left_without(std::vector<slice> left, const std::vector<slice>& gone) {
  const auto expected = sum_of(left) - sum_of(gone);
  take_out(left, gone);
  return sum_of(left) == expected ? std::optional(expected) : std::nullopt;
}

/// Spends are captured, refunds are paid back; all holds may be released.
bool may_settle(entry_type type, hold_purpose purpose) {
  if (type == entry_type::capture) return purpose == hold_purpose::spend;
  if (type == entry_type::refund) return purpose == hold_purpose::refund;
  return true;
}

std::string_view closing_flaw(const credit_account& before, const entry& booked) {
  const auto opened = parse_hold_id(booked.reference);
  const auto hold = opened && opened->account == booked.account ? before.holds.find(opened->seq) : nullptr;
  if (!hold) return "an entry of a hold that is not open";
  const auto& mark = *booked.hold;
  if (mark.purpose != hold->purpose || mark.amount != hold->amount || mark.ends_at != hold->ends_at)
    return "an entry with other terms than its hold";
  if (!may_settle(booked.type, mark.purpose)) return "an entry that does not go with the purpose of its hold";
  const auto used = booked.type == entry_type::release ? credits{} : booked.units;
  if (mark.captured != hold->captured + used) return "an entry with another sum than its hold";
  const auto left = left_without(hold->left, booked.slices);
  if (!left) return "a hold gives more than it has";
  if (booked.type == entry_type::release && (!left->is_zero() || mark.state == hold_state::open))
    return "a release that leaves something";
  return left->is_zero() && mark.state == hold_state::open ? "an open hold with nothing left" : "";
}

std::string_view hold_flaw(const credit_account& before, const entry& booked) {
  if (has_hold_mark(booked.type) != booked.hold.has_value()) return "a mark that belongs to no hold";
  if (!booked.hold) return "";
  return booked.type == entry_type::hold ? opening_flaw(booked) : closing_flaw(before, booked);
}

} // namespace

std::string_view flaw_of(const credit_account& before, const account_event& next) {
  const auto& booked = next.booked;
  const auto* effect = find_effect(booked.type);
  if (!effect) return "unknown entry type";
  if (const auto flaw = place_flaw(before, booked); !flaw.empty()) return flaw;
  if (const auto flaw = balances_flaw(before, booked, *effect); !flaw.empty()) return flaw;
  if (const auto flaw = debt_flaw(before, booked, *effect); !flaw.empty()) return flaw;
  if (const auto flaw = freeze_flaw(before, booked); !flaw.empty()) return flaw;
  if (const auto flaw = sum_flaw(booked, *effect); !flaw.empty()) return flaw;
  if (const auto flaw = opened_flaw(next, *effect); !flaw.empty()) return flaw;
  if (const auto flaw = reopened_flaw(next); !flaw.empty()) return flaw;
  if (const auto flaw = slices_flaw(before, next, *effect); !flaw.empty()) return flaw;
  return hold_flaw(before, booked);
}

std::string_view flaw_of(const credit_account& account, const account_snapshot& snapshot) {
  if (account.tenant != snapshot.tenant) return "snapshot of another tenant";
  if (account.head != snapshot.head) return "snapshot with another head";
  if (account.booked_at != snapshot.booked_at) return "snapshot with another booked_at";
  if (!(account.totals == snapshot.totals)) return "snapshot with other figures";
  if (is_free_beside_debt(account.totals.now)) return "snapshot with free credits beside a debt";
  if (account.frozen != snapshot.frozen) return "snapshot with another frozen";
  if (!(account.holds == hold_book(snapshot.holds))) return "snapshot with other holds";
  const auto expected = figures_of(account.lots);
  const auto there = figures_of(snapshot.lots);
  return expected == there && there.size() == snapshot.lots.size() ? "" : "snapshot with other lots";
}

} // namespace tessera
