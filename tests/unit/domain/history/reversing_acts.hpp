#pragma once

#include "actors/account/recent_reversals.hpp"
#include "actors/domain/reversals.hpp"
#include "tests/unit/domain/history/spending_acts.hpp"

namespace tessera::test {

/// Spends are read, and taken back later: by a caller who knows whether what was read is still true.
class reversing_acts : public spending_acts {
protected:
  void read_a_spend(const step& next) {
    if (spends_.empty()) return;
    const auto& [spent, lots, reversed] = spends_[next.which * 5 % spends_.size()];
    auto read = as_reversible(spent, lots);
    read.reversed = credits{reversed};
    read.as_of = account_.seq;
    read_.push_back(std::move(read));
  }

  /// What was read may be stale by now: the caller knows.
  void reverse_one(const step& next) {
    if (read_.empty()) return;
    const auto spend = read_[read_.size() - 1 - next.which % read_.size()];
    if (!reversals_.are_known(spend)) return;
    auto& reversed = std::ranges::find(spends_, spend.spent.seq, [](const auto& each) {
                       return each.spent.seq;
                     })->reversed;
    RC_ASSERT(spend.reversed == credits{reversed});
    auto command = reverse(spend);
    if (next.flag) command.amount = credits{next.amount};
    command.regrants = next.overage;
    command.regrant_lot = numbered<lot_id>(++numbered_);
    command.spend.regrant_expires_at = std::max(clock_, account_.booked_at) + microseconds{100 + next.life};
    const auto at = booking_of(4, spend.lots);
    const auto left = (sum_of(spend.slices) - spend.reversed).value();
    const auto amount = next.flag ? next.amount : left;
    const auto decision = decide(account_, command, clock_);
    if (amount == 0 || amount > left) return RC_ASSERT(decision.code() == errc::nothing_to_reverse);
    RC_ASSERT(decision.ok());
    reversals_.note(spend.spent.seq, decision->back().booked.seq);
    if (next.delay > 0) return reversals_.go_back_to(account_.seq); // its round was lost
    reversed += amount;
    book_all(*decision, sheet_after(command, amount, at, *decision));
  }

  /// When it wakes up it knows of no reversal.
  void forget_reversals() {
    reversals_ = {};
    reversals_.begin_at(account_.seq);
  }

private:
  /// Of the last units that it took and that are not back yet, `amount`.
  static std::vector<slice> last_taken(const reversible_spend& spend, std::int64_t amount) {
    std::vector<slice> back;
    auto skip = spend.reversed.value();
    for (auto part = spend.slices.rbegin(); part != spend.slices.rend() && amount > 0; ++part) {
      const auto gone = std::min(skip, part->units.value());
      skip -= gone;
      const auto units = std::min(amount, part->units.value() - gone);
      amount -= units;
      if (units > 0) back.insert(back.begin(), slice{part->lot, credits{units}});
    }
    return back;
  }

  balance_sheet
  sheet_after(const reverse_spend& command, std::int64_t amount, time_point at, const decided& events) const {
    auto expected = sheet_.at(at);
    const auto back = last_taken(command.spend, amount);
    expected.move(back, &fate::used, &fate::free);
    std::int64_t over = 0;
    for (const auto& part : back)
      if (expected.fates.at(part.lot).over(at)) over += part.units.value();
    const auto granted = std::ranges::find(events, entry_type::reinstate, [](const account_event& each) {
      return each.booked.type;
    });
    const bool regrants = command.regrants && over > 0;
    RC_ASSERT((granted != events.end()) == regrants);
    if (regrants) {
      check_regranted(command, granted->opened.front(), back, at);
      expected.open(granted->opened.front(), over);
    }
    expected.settle(at);
    return expected;
  }

  void check_regranted(
      const reverse_spend& command, const lot& opened, const std::vector<slice>& back, time_point at
  ) const {
    RC_ASSERT(opened.id == command.regrant_lot && opened.root == opened.id && !opened.parent);
    RC_ASSERT(opened.kind == lot_kind::reinstated);
    RC_ASSERT(opened.expires_at == command.spend.regrant_expires_at);
    if (command.spend.application.empty()) return;
    const auto ever = time_point::max();
    fate anew{.opened = opened};
    anew.opened.expires_at.reset();
    for (const std::string application : {"crm", "hr", "erp"})
      for (const auto& part : back) {
        auto was = sheet_.fates.at(part.lot);
        if (!was.over(at)) continue;
        was.opened.expires_at.reset();
        RC_ASSERT(!anew.can_pay(application, ever) || was.can_pay(application, ever));
      }
  }

  std::vector<reversible_spend> read_;
  recent_reversals reversals_;
};

} // namespace tessera::test
