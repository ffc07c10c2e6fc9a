#pragma once

#include "actors/domain/freezes.hpp"
#include "actors/domain/instructions.hpp"
#include "tests/unit/domain/history/reversing_acts.hpp"

namespace tessera::test {

/// What others ask: payments, disputes and invitations, and whoever freezes.
class settling_acts : public reversing_acts {
protected:
  void set_some_aside(const step& next) {
    // A dispute opens an entry for each lot: it lasts longer than that takes.
    const bool is_dispute = next.purpose == hold_purpose::dispute;
    const auto ttl = microseconds{is_dispute ? 80 + next.life : std::max(1, next.life)};
    auto asked = of_purchase(set_aside(next.purpose, next.amount, ttl), next);
    asked.partial = next.flag;
    const auto at = booking_of(account_.lots.size() + 1);
    auto expected = sheet_.at(at);
    const auto made = decide(account_, asked, clock_);
    const bool is_escrow = next.purpose == hold_purpose::escrow;
    if (is_escrow && expected.frozen) return RC_ASSERT(made.code() == errc::entity_frozen);
    const auto suits = [&](const fate& each) {
      return !each.over(at) && is_of(each, asked) && (!is_escrow || each.can_pay("", at));
    };
    const auto may = [&](const fate& each) {
      return suits(each) && (!is_escrow || !each.opened.expires_at || *each.opened.expires_at >= at + ttl);
    };
    const auto units = std::min<std::int64_t>(next.amount, expected.sum_of(&fate::free, may));
    if (units < next.amount && !next.flag) {
      const bool ends_too_soon = expected.sum_of(&fate::free, suits) >= next.amount;
      const auto code = ends_too_soon ? errc::lots_expire_before_invitation : errc::insufficient_credits;
      return RC_ASSERT(made.code() == code);
    }
    RC_ASSERT(made.ok() && made->fulfilled == credits{units});
    if (units == 0) return RC_ASSERT(made->events.empty());
    const auto taken = expected.take(units, &fate::held, may);
    const auto end = is_escrow ? at + ttl + escrow_beyond : at + ttl;
    promise all{0, next.purpose, is_escrow ? "crm" : "", end, units, 0, taken};
    for (const auto& event : made->events) {
      if (event.booked.booked_at < at) continue;
      auto one = all;
      one.seq = event.booked.seq;
      if (is_dispute) one = of_one_lot(one, taken[one.seq - first_own(made->events, at)]);
      expected.promises.push_back(one);
    }
    book_all(made->events, expected);
  }

  void let_one_go(const step& next) {
    const auto* chosen = chosen_hold(next);
    if (!chosen) return;
    const auto at = booking_of(3);
    auto expected = sheet_.at(at);
    auto& here = *expected.find(chosen->seq);
    const auto made = decide(account_, instruct_hold(inbox_kind::let_go, chosen->seq), clock_);
    if (!here.open() || here.purpose == hold_purpose::spend)
      return RC_ASSERT(made.code() == errc::hold_not_open);
    RC_ASSERT(made.ok() && made->fulfilled == sum_of(here.left));
    expected.let_go(here);
    expected.settle(at);
    book_all(made->events, expected);
  }

  void pay_some_back(const step& next) {
    const auto* chosen = chosen_hold(next, hold_purpose::refund);
    if (!chosen) return;
    const auto at = booking_of(4);
    auto expected = sheet_.at(at);
    auto& here = *expected.find(chosen->seq);
    const auto asked = instruct_hold(inbox_kind::pay_back, chosen->seq, next.amount);
    const auto made = decide(account_, asked, clock_);
    if (!here.open() || here.purpose != hold_purpose::refund)
      return RC_ASSERT(made.code() == errc::hold_not_open);
    if (asked.wanted > sum_of(here.left)) return RC_ASSERT(made.code() == errc::capture_exceeds_hold);
    RC_ASSERT(made.ok() && made->fulfilled == asked.wanted);
    const auto paid = first_of(here.left, asked.wanted);
    expected.move(paid, &fate::held, &fate::refunded);
    take_out(here.left, paid);
    here.captured += next.amount;
    expected.let_go(here);
    expected.settle(at);
    book_all(made->events, expected);
  }

  void move_one_on(const step& next) {
    const auto* chosen = chosen_hold(next, hold_purpose::escrow);
    if (!chosen) return;
    const auto at = booking_of(3);
    auto expected = sheet_.at(at);
    auto& here = *expected.find(chosen->seq);
    auto asked = instruct_hold(inbox_kind::move_on, chosen->seq);
    asked.carrier = next_row();
    const auto made = decide(account_, asked, clock_);
    if (!here.open() || here.purpose != hold_purpose::escrow)
      return RC_ASSERT(made.code() == errc::hold_not_open);
    auto lots = here.left;
    std::erase_if(lots, [&](const slice& part) { return expected.fates.at(part.lot).over(at); });
    RC_ASSERT(made.ok() && made->fulfilled == sum_of(lots) && made->sent.size() == !lots.empty());
    expected.move(lots, &fate::held, &fate::sent);
    take_out(here.left, lots);
    expected.let_go(here);
    expected.settle(at);
    if (!lots.empty()) note_sent(made->sent.front(), lots);
    book_all(made->events, expected);
  }

  void claw_some_back(const step& next) {
    auto asked = of_purchase(instruct(inbox_kind::claw_back, next.amount), next);
    name_a_hold(asked, next);
    const auto at = booking_of(2 * asked.holds.size() + 3);
    auto expected = sheet_.at(at);
    const auto made = decide(account_, asked, clock_);
    RC_ASSERT(made.ok() && made->fulfilled == asked.wanted);
    let_go_of(asked.holds, expected);
    expected.settle(at);
    const auto of_them = [&](const fate& each) { return !asked.roots.empty() && is_of(each, asked); };
    const auto any = [](const fate&) { return true; };
    auto left = asked.wanted.value();
    const auto take = [&](const may_give& from) {
      const auto units = std::min(left, expected.sum_of(&fate::free, from));
      expected.take(units, &fate::clawed, from);
      left -= units;
    };
    take(of_them);
    take(any);
    expected.debt += left;
    book_all(made->events, expected);
  }

  void recall_some(const step& next) {
    auto asked = of_purchase(instruct(inbox_kind::recall, next.amount), next);
    asked.to = numbered<account_id>(5);
    asked.carrier = next_row();
    name_a_hold(asked, next);
    const auto at = booking_of(2 * asked.holds.size() + 2);
    auto expected = sheet_.at(at);
    const auto made = decide(account_, asked, clock_);
    let_go_of(asked.holds, expected);
    if (!asked.holds.empty()) expected.settle(at);
    const auto of_them = [&](const fate& each) { return is_of(each, asked); };
    const auto units = std::min<std::int64_t>(next.amount, expected.sum_of(&fate::free, of_them));
    RC_ASSERT(made.ok() && made->fulfilled == credits{units});
    RC_ASSERT(made->sent.empty() == (units == 0));
    if (units == 0 && asked.holds.empty()) return RC_ASSERT(made->events.empty());
    if (units > 0) note_sent(made->sent.front(), expected.take(units, &fate::sent, of_them));
    book_all(made->events, expected);
  }

  void freeze_or_thaw(const step& next) {
    const bool freezes = !next.flag || !next.overage; // rather not: little happens then
    const bool changes = sheet_.frozen == freezes;
    auto expected = changes ? sheet_.at(booking_of(1)) : sheet_;
    if (changes) expected.frozen = !freezes;
    const auto asked = instruct(freezes ? inbox_kind::unfreeze : inbox_kind::freeze);
    const auto events = next.overage ? decide(account_, asked, clock_)->events
                                     : decide(account_, change_frozen(!freezes), clock_);
    RC_ASSERT(events.empty() == !changes);
    book_all(events, expected);
  }

private:
  /// Twice, as a repeated event may: the second time there is nothing to let go.
  void name_a_hold(instruction& asked, const step& next) const {
    if (const auto* chosen = chosen_hold(next); chosen && next.flag) asked.holds = {chosen->seq, chosen->seq};
  }

  /// What people hold for a spend is not let go of by others.
  static void let_go_of(const std::vector<std::uint64_t>& holds, balance_sheet& expected) {
    for (const auto seq : holds)
      if (auto& here = *expected.find(seq); here.purpose != hold_purpose::spend) expected.let_go(here);
  }

  static instruction of_purchase(instruction asked, const step& next) {
    if (next.purchase > 0) asked.roots = {numbered<lot_id>(1000 + static_cast<std::uint32_t>(next.purchase))};
    return asked;
  }

  static bool is_of(const fate& each, const instruction& asked) {
    return asked.roots.empty() || each.opened.root == asked.roots.front();
  }

  static std::uint64_t first_own(const decided& events, time_point at) {
    return std::ranges::find_if(
               events, [at](const auto& each) { return each.booked.booked_at >= at; }
    )->booked.seq;
  }

  promise of_one_lot(promise all, const slice& part) const {
    all.left = {part};
    all.amount = part.units.value();
    all.ends_at = std::min(all.ends_at, sheet_.fates.at(part.lot).opened.expires_at.value_or(all.ends_at));
    return all;
  }
};

} // namespace tessera::test
