#pragma once

#include "actors/domain/decision_parts.hpp"
#include "tests/unit/domain/history/fates.hpp"
#include "tests/unit/domain/history/steps.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <rapidcheck.h>

#include <span>

namespace tessera::test {

/// An account, its ledger, and what its entries say by the slow account. Every entry is checked as it is
/// booked, every figure after every decision.
class watched_account {
public:
  watched_account() {
    ledger_.push_back(genesis(start_of_test));
    evolve(account_, ledger_.back());
  }

protected:
  /// When the first own entry of a decision is booked, which may write so many.
  time_point booking_of(std::size_t entries, std::span<const lot> coming = {}) const {
    return beginning(account_, clock_, entries, coming).own;
  }

  /// Books a decision, which must leave what was expected of it.
  void book_all(const decided& events, const balance_sheet& expected) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      RC_ASSERT(flaw_of(account_, events[i]) == "");
      note(events[i]);
      if (events[i].booked.type == entry_type::release) check_release(events, i);
      book(account_, {events[i]}, ledger_);
    }
    RC_ASSERT(sheet_ == expected);
    if (!events.empty()) check_exact_when_booked();
  }

  void check(const std::string& application) const {
    check_identities();
    check_lots();
    check_view(application);
  }

  credit_account account_;
  std::vector<account_event> ledger_;
  balance_sheet sheet_;
  time_point clock_ = start_of_test;

private:
  void note(const account_event& event) {
    const auto& booked = event.booked;
    RC_ASSERT(booked.seq == account_.seq + 1);
    RC_ASSERT(booked.booked_at > account_.booked_at);
    for (const auto& each : event.opened)
      RC_ASSERT(sheet_.fates.try_emplace(each.id, fate{.opened = each}).second);
    for (const auto& part : booked.slices)
      move(sheet_.fates.at(part.lot), booked, part.units.value());
    if (booked.type == entry_type::adjust) sheet_.debt += booked.units.value();
    if (booked.type == entry_type::debt_repaid) sheet_.debt -= booked.units.value();
    if (booked.type == entry_type::freeze) sheet_.frozen = true;
    if (booked.type == entry_type::unfreeze) sheet_.frozen = false;
    if (booked.hold) note_hold(booked);
    RC_ASSERT(booked.after == balances_by_fate());
    RC_ASSERT(booked.usable_after == credits{sheet_.usable(booked.application, booked.booked_at)});
  }

  /// Nothing of a lot that is over goes anywhere but to the hold that has it, back from there, or away.
  static void move(fate& of, const entry& booked, std::int64_t units) {
    const auto at = booked.booked_at;
    const auto take = [&](std::int64_t fate::*from, std::int64_t fate::*into) {
      of.*from -= units;
      of.*into += units;
    };
    switch (booked.type) {
    case entry_type::purchase:
    case entry_type::grant:
    case entry_type::bonus:
    case entry_type::allocate_in:
    case entry_type::return_in:
    case entry_type::reclaim_in:
    case entry_type::reinstate: of.add(units); return;
    case entry_type::spend:
      RC_ASSERT(of.can_pay(booked.application, at));
      take(&fate::free, &fate::used);
      break;
    case entry_type::expire:
      RC_ASSERT(of.over(at));
      RC_ASSERT((booked.reference.empty() ? of.free == units : of.free >= units));
      take(&fate::free, &fate::expired);
      break;
    case entry_type::hold:
      RC_ASSERT(
          (booked.hold->purpose == hold_purpose::spend ? of.can_pay(booked.application, at) : !of.over(at))
      );
      take(&fate::free, &fate::held);
      break;
    case entry_type::capture: take(&fate::held, &fate::used); break;
    case entry_type::refund: take(&fate::held, &fate::refunded); break;
    case entry_type::release: take(&fate::held, &fate::free); break;
    case entry_type::reverse: take(&fate::used, &fate::free); break;
    case entry_type::allocate_out:
    case entry_type::return_out:
    case entry_type::reclaim_out:
      RC_ASSERT(!of.over(at));
      take(&fate::free, &fate::sent);
      break;
    case entry_type::clawback:
      RC_ASSERT(!of.over(at));
      take(&fate::free, &fate::clawed);
      break;
    case entry_type::debt_repaid:
      RC_ASSERT(!of.over(at));
      take(&fate::free, &fate::repaid);
      break;
    default: RC_FAIL("slices of an entry that moves none");
    }
    RC_ASSERT(of.free >= 0 && of.held >= 0 && of.used >= 0);
    of.remember_amount();
  }

  /// What a hold gives comes from what it took; when it ends, nothing is left.
  void note_hold(const entry& booked) {
    if (booked.type == entry_type::hold) {
      const auto& mark = *booked.hold;
      sheet_.promises.push_back(
          {booked.seq, mark.purpose, booked.application, mark.ends_at, booked.units.value(), 0, booked.slices}
      );
      return;
    }
    auto& here = *sheet_.find(parse_hold_id(booked.reference)->seq);
    if (booked.type != entry_type::release) here.captured += booked.units.value();
    const auto before = tessera::sum_of(here.left);
    take_out(here.left, booked.slices);
    RC_ASSERT(tessera::sum_of(here.left) + booked.units == before);
    RC_ASSERT(booked.hold->captured == credits{here.captured});
    RC_ASSERT(booked.hold->purpose == here.purpose && booked.hold->ends_at == here.ends_at);
    RC_ASSERT(booked.hold->state != hold_state::open || here.open());
    RC_ASSERT(booked.type != entry_type::release || !here.open());
  }

  /// Of a release those units expire, and at once, whose lots ended while they were held.
  void check_release(const decided& events, std::size_t at) const {
    const auto& booked = events[at].booked;
    const bool by_itself = booked.hold->state == hold_state::expired;
    std::vector<slice> lost;
    for (const auto& part : booked.slices)
      if (sheet_.fates.at(part.lot).over(by_itself ? booked.hold->ends_at : booked.booked_at))
        lost.push_back(part);
    const auto* next = at + 1 < events.size() ? &events[at + 1].booked : nullptr;
    const bool expires = next && next->type == entry_type::expire && next->reference == booked.reference;
    RC_ASSERT(expires == !lost.empty());
    if (expires) RC_ASSERT(next->slices == lost);
    RC_ASSERT(cause_of(booked) == (by_itself ? "hold_expired" : to_string(booked.hold->state)));
  }

  balances balances_by_fate() const {
    return {
        credits{sheet_.sum_of(&fate::free)},
        credits{sheet_.sum_of(&fate::held)},
        credits{sheet_.sum_of(&fate::used)},
        credits{sheet_.debt}};
  }

  void check_exact_when_booked() const {
    for (const auto& [id, each] : sheet_.fates)
      RC_ASSERT(each.free == 0 || !each.over(account_.booked_at));
    for (const auto& each : sheet_.promises)
      RC_ASSERT(!each.open() || each.ends_at > account_.booked_at);
  }

  /// R-C 3.1.
  void check_identities() const {
    const auto& totals = account_.totals;
    const auto& now = totals.now;
    RC_ASSERT(now == balances_by_fate());
    RC_ASSERT(now.available >= credits{0} && now.debt >= credits{0});
    RC_ASSERT(now.debt.is_zero() || now.available.is_zero());
    RC_ASSERT(now.total() == now.used + now.reserved + now.available);
    RC_ASSERT(totals.lifetime_in == credits{sheet_.sum_of(&fate::arrived)});
    RC_ASSERT(totals.expired == credits{sheet_.sum_of(&fate::expired)});
    RC_ASSERT(totals.refunded == credits{sheet_.sum_of(&fate::refunded)});
    RC_ASSERT(totals.clawed_back == credits{sheet_.sum_of(&fate::clawed)});
    RC_ASSERT(totals.allocated_out == credits{sheet_.sum_of(&fate::sent)});
    RC_ASSERT(totals.debt_repaid == credits{sheet_.sum_of(&fate::repaid)});
    RC_ASSERT(
        totals.lifetime_in == now.total() + totals.expired + totals.refunded + totals.clawed_back +
                                  totals.allocated_out + totals.debt_repaid
    );
    RC_ASSERT(account_.frozen == sheet_.frozen);
  }

  /// Every lot with units is there, on the terms that it was opened with.
  void check_lots() const {
    RC_ASSERT(std::is_sorted(account_.lots.begin(), account_.lots.end(), burns_before));
    std::size_t with_units = 0;
    for (const auto& [id, each] : sheet_.fates)
      with_units += each.free + each.held > 0 ? 1 : 0;
    RC_ASSERT(account_.lots.size() == with_units);
    std::map<lot_id, std::int64_t> held;
    for (const auto& each : sheet_.promises)
      for (const auto& part : each.left)
        held[part.lot] += part.units.value();
    for (const auto& each : account_.lots) {
      const auto& here = sheet_.fates.at(each.id);
      auto expected = here.opened;
      expected.amount = credits{here.amount};
      expected.free = credits{here.free};
      expected.held = credits{here.held};
      RC_ASSERT(each == expected);
      RC_ASSERT(here.held == held[each.id]);
    }
  }

  void check_view(const std::string& application) const {
    const auto seen = view(account_, application, clock_);
    const auto at = std::max(clock_, account_.booked_at);
    const auto expected = sheet_.at(at);
    RC_ASSERT(seen.as_of == at);
    RC_ASSERT(seen.seq == account_.seq);
    RC_ASSERT(seen.now.available == credits{expected.sum_of(&fate::free)});
    RC_ASSERT(seen.now.reserved == credits{expected.sum_of(&fate::held)});
    RC_ASSERT(seen.now.used == credits{expected.sum_of(&fate::used)});
    RC_ASSERT(seen.now.debt == credits{expected.debt});
    RC_ASSERT(seen.usable == credits{expected.usable(application, at)});
    credits free;
    for (const auto& each : seen.lots) {
      RC_ASSERT(each.free == credits{expected.fates.at(each.id).free});
      free += each.free;
    }
    RC_ASSERT(free == seen.now.available);
  }
};

} // namespace tessera::test
