#include "actors/domain/credit_account.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/entry_effects.hpp"
#include "actors/domain/hold_entries.hpp"
#include "actors/domain/must.hpp"

#include <algorithm>
#include <stdexcept>

namespace tessera {

namespace {

bool follows(const entry& booked, const credit_account& account) {
  return booked.type == entry_type::genesis ? booked.seq == 0
                                            : booked.seq == account.seq + 1 && booked.account == account.id &&
                                                  booked.booked_at > account.booked_at;
}

void insert_in_burn_order(std::vector<lot>& lots, const lot& opened) {
  lots.insert(std::upper_bound(lots.begin(), lots.end(), opened, burns_before), opened);
}

/// Looks from `hint` on first: slices come in burn order, so that is where the lot is.
auto find_lot(std::vector<lot>& lots, std::vector<lot>::iterator hint, lot_id id) {
  const auto is_it = [id](const lot& candidate) { return candidate.id == id; };
  const auto found = std::find_if(hint, lots.end(), is_it);
  return found != lots.end() ? found : std::find_if(lots.begin(), hint, is_it);
}

bool has_nothing_left(const lot& candidate) {
  return candidate.free.is_zero() && candidate.held.is_zero();
}

void apply_slices(std::vector<lot>& lots, const std::vector<slice>& slices, const entry_effect& effect) {
  bool emptied = false;
  auto at = lots.begin();
  for (const auto& part : slices) {
    at = find_lot(lots, at, part.lot);
    if (at == lots.end() || at->id != part.lot) throw std::logic_error("a slice of a lot that is not there");
    apply(effect, *at, part.units);
    emptied = emptied || has_nothing_left(*at);
  }
  if (emptied) std::erase_if(lots, has_nothing_left);
}

/// The slices of lots that the entry did not open itself.
std::vector<slice> slices_of_others(const account_event& event) {
  auto others = event.booked.slices;
  for (const auto& opened : event.opened)
    std::erase_if(others, [&](const slice& part) { return part.lot == opened.id; });
  return others;
}

/// Lots that were emptied are forgotten: units that come back to one bring it back.
void reopen(std::vector<lot>& lots, const std::vector<lot>& reopened) {
  for (const auto& each : reopened)
    if (std::ranges::find(lots, each.id, &lot::id) == lots.end()) insert_in_burn_order(lots, each);
}

/// Opened lots arrive with their units; every other slice changes a lot that is there.
void apply_to_lots(std::vector<lot>& lots, const account_event& event, const entry_effect& effect) {
  reopen(lots, event.reopened);
  if (event.opened.empty()) return apply_slices(lots, event.booked.slices, effect);
  apply_slices(lots, slices_of_others(event), effect);
  for (const auto& opened : event.opened)
    insert_in_burn_order(lots, opened);
}

/// Takes what is owed from free units that have just come back, in burn order: a debt comes first (R-C 3.7).
void repay(balance_view& seen) {
  const auto paid = std::min(seen.now.debt, seen.now.available);
  seen.now.debt -= paid;
  seen.now.available -= paid;
  auto left = paid;
  for (auto& each : seen.lots) {
    const auto units = std::min(left, each.free);
    each.free -= units;
    left -= units;
  }
  if (!paid.is_zero()) std::erase_if(seen.lots, has_nothing_left);
}

} // namespace

credits credit_account::usable(std::string_view application, time_point now) const {
  auto sum = free_units(lots, application, now);
  for (const auto& over : holds.over_by(now))
    sum += eligible_units(lots, over->left, application, now);
  return sum;
}

credit_account restore(const account_snapshot& snapshot) {
  credit_account account{
      .id = snapshot.account,
      .tenant = snapshot.tenant,
      .seq = snapshot.seq,
      .head = snapshot.head,
      .booked_at = snapshot.booked_at,
      .frozen = snapshot.frozen,
      .totals = snapshot.totals,
      .lots = snapshot.lots,
      .holds = hold_book(snapshot.holds),
  };
  std::sort(account.lots.begin(), account.lots.end(), burns_before);
  return account;
}

account_snapshot snapshot_of(const credit_account& account) {
  account_snapshot snapshot{
      .account = account.id,
      .tenant = account.tenant,
      .seq = account.seq,
      .head = account.head,
      .booked_at = account.booked_at,
      .totals = account.totals,
      .frozen = account.frozen,
      .lots = account.lots,
      .holds = {},
  };
  for (const auto& each : account.holds.all())
    snapshot.holds.push_back(*each);
  return snapshot;
}

time_point next_booking(const credit_account& account, time_point now) {
  return std::max(now, account.booked_at + time_point::duration{1});
}

void evolve(credit_account& account, const account_event& event) {
  const auto& booked = event.booked;
  const auto& effect = effect_of(booked.type);
  must(follows(booked, account), "an entry follows the one before it");
  if (booked.type == entry_type::genesis) {
    account.id = booked.account;
    account.tenant = booked.tenant;
  }
  apply_to_lots(account.lots, event, effect);
  apply_to_holds(account.holds, booked);
  if (effect.sum) account.totals.*effect.sum += booked.units;
  if (booked.type == entry_type::freeze) account.frozen = true;
  if (booked.type == entry_type::unfreeze) account.frozen = false;
  account.totals.now = booked.after;
  account.seq = booked.seq;
  account.head = booked.hash;
  account.booked_at = booked.booked_at;
}

balance_view view(const credit_account& account, std::string_view application, time_point now) {
  const auto as_of = std::max(now, account.booked_at);
  balance_view seen{
      .seq = account.seq,
      .as_of = as_of,
      .now = account.totals.now,
      .usable = {},
      .lots = account.lots,
      .frozen = account.frozen,
  };
  for (const auto& over : account.holds.over_by(as_of)) {
    for (const auto& part : over->left) {
      const auto source = std::ranges::find(seen.lots, part.lot, &lot::id);
      must(source != seen.lots.end(), "the lots of a hold are there");
      source->held -= part.units;
      source->free += part.units;
      seen.now.reserved -= part.units;
      seen.now.available += part.units;
    }
  }
  std::erase_if(seen.lots, [&](const lot& each) {
    if (!is_over(each, as_of)) return false;
    seen.now.available -= each.free;
    return true;
  });
  repay(seen);
  seen.usable = free_units(seen.lots, application, as_of);
  return seen;
}

} // namespace tessera
