#pragma once

#include "actors/domain/allocation.hpp"
#include "actors/domain/atomic_batch.hpp"
#include "actors/domain/transfer.hpp"
#include "tests/unit/domain/history/watched_account.hpp"

namespace tessera::test {

using std::chrono::microseconds;

/// What callers do: credits come in, are spent and held, and given away.
class spending_acts : public watched_account {
protected:
  struct spend_on_record {
    entry spent;
    std::vector<lot> lots;
    std::int64_t reversed = 0;
  };

  void receive_some(const step& next) {
    auto arriving = a_lot(
        ++numbered_, 8 * next.amount, priority(static_cast<std::uint8_t>(next.priority)), of_kind(next.kind)
    );
    arriving.root = numbered<lot_id>(1000 + static_cast<std::uint32_t>(next.purchase));
    arriving.effective_at = clock_ + microseconds{next.delay};
    if (next.life < never) arriving.expires_at = clock_ + microseconds{next.life};
    arriving.applications = next.scope;
    auto command = receive(arriving);
    command.kind = next.arrival;
    take_in(command);
  }

  void take_in(const receive_credits& command) {
    const auto is_late = [](time_point at) { return [at](const lot& each) { return is_over(each, at); }; };
    auto at = booking_of(1);
    if (sheet_.debt > 0 || std::ranges::any_of(command.lots, is_late(at))) at = booking_of(3, command.lots);
    const auto before = sheet_.at(at);
    const auto decision = decide(account_, command, clock_);
    RC_ASSERT(decision.ok());
    const auto arrived =
        std::ranges::find(*decision, at, [](const auto& each) { return each.booked.booked_at; });
    RC_ASSERT(arrived != decision->end());
    RC_ASSERT(arrived->booked.units == units_in(command.lots));
    auto expected = before;
    for (auto each : command.lots) {
      each.seq = arrived->booked.seq;
      each.free = each.amount;
      if (const auto* equal = equal_in(before, each, at))
        expected.fates.at(equal->opened.id).add(each.amount.value());
      else
        expected.open(each, each.amount.value());
    }
    expected.settle(at);
    book_all(*decision, expected);
  }

  void consume_some(const step& next) {
    const auto at = booking_of(1);
    auto expected = sheet_.at(at);
    const auto can = expected.usable(next.application, at);
    const auto decision = decide(account_, consume(next.amount, next.application), clock_);
    if (is_refused(expected, decision, next.amount, can)) {
      RC_ASSERT(can == 0 || expected.frozen || decide(account_, consume(can, next.application), clock_).ok());
      RC_ASSERT(!decide(account_, consume(can + 1, next.application), clock_).ok());
      return;
    }
    RC_ASSERT(decision->back().booked.booked_at == at);
    RC_ASSERT(decision->back().booked.slices == expected.take(next.amount, &fate::used, pays(next, at)));
    note_spend(*decision);
    book_all(*decision, expected);
  }

  /// As if each came alone, or none.
  void consume_together(const step& next) {
    consume_atomically batch;
    for (const auto part : {1, 3, 2})
      batch.items.push_back(consume(1 + next.amount / part, next.application));
    const auto decision = decide(account_, batch, clock_);
    auto then = account_;
    auto expected = sheet_;
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      const auto at = beginning(then, clock_).own;
      expected = expected.at(at);
      const auto one = decide(then, batch.items[i], clock_);
      if (!one.ok()) return RC_ASSERT(decision.code() == one.code() && decision.why().item == i);
      for (const auto& each : *one)
        evolve(then, each);
      expected.take(batch.items[i].amount.value(), &fate::used, pays(next, at));
    }
    RC_ASSERT(decision.ok());
    book_all(*decision, expected);
  }

  void hold_some(const step& next) {
    const auto at = booking_of(1);
    auto expected = sheet_.at(at);
    const auto can = expected.usable(next.application, at);
    const auto ttl = microseconds{std::max(1, next.life)};
    const auto decision = decide(account_, hold(next.amount, ttl, next.application), clock_);
    if (is_refused(expected, decision, next.amount, can)) return;
    auto taken = expected.take(next.amount, &fate::held, pays(next, at));
    const auto& booked = decision->back().booked;
    expected.promises.push_back(
        {booked.seq, hold_purpose::spend, next.application, at + ttl, next.amount, 0, std::move(taken)}
    );
    book_all(*decision, expected);
  }

  void capture_some(step next) {
    const auto* chosen = chosen_hold(next, hold_purpose::spend);
    if (!chosen) return;
    if (!is_odd(next)) next.application = chosen->application;
    auto command = capture(chosen->seq, next.amount, next.application);
    command.final = next.flag;
    command.spend_overage = next.overage;
    const auto at = booking_of(4);
    auto expected = sheet_.at(at);
    auto& here = *expected.find(chosen->seq);
    const auto decision = decide(account_, command, clock_);
    if (!is_spenders(here, next)) return RC_ASSERT(decision.code() == errc::hold_not_open);
    const auto held = sum_of(here.left).value();
    const auto beyond = std::max<std::int64_t>(0, next.amount - held);
    if (beyond > 0 && !next.overage) return RC_ASSERT(decision.code() == errc::capture_exceeds_hold);
    if (beyond > 0) {
      const auto can = expected.usable(next.application, at);
      if (is_refused(expected, decision, beyond, can, held)) return;
      expected.take(beyond, &fate::used, pays(next, at));
    }
    RC_ASSERT(decision.ok());
    const auto used = first_of(here.left, credits{next.amount - beyond});
    expected.move(used, &fate::held, &fate::used);
    take_out(here.left, used);
    here.captured += next.amount - beyond;
    if (next.flag) expected.let_go(here);
    expected.settle(at);
    note_spend(*decision);
    book_all(*decision, expected);
  }

  void release_one(step next) {
    const auto* chosen = chosen_hold(next, hold_purpose::spend);
    if (!chosen) return;
    if (!is_odd(next)) next.application = chosen->application;
    const auto at = booking_of(4);
    auto expected = sheet_.at(at);
    auto& here = *expected.find(chosen->seq);
    const auto decision = decide(account_, release(chosen->seq, next.application), clock_);
    if (!is_spenders(here, next)) return RC_ASSERT(decision.code() == errc::hold_not_open);
    RC_ASSERT(decision.ok());
    expected.let_go(here);
    expected.settle(at);
    book_all(*decision, expected);
  }

  void allocate_some(const step& next) {
    constexpr inbox_kind ways[] = {inbox_kind::allocation, inbox_kind::give_back, inbox_kind::reclaim};
    auto command = allocate({leg(next.amount)});
    command.kind = ways[next.purchase];
    if (next.flag && next.purchase == 0) command.legs.push_back(leg(next.amount));
    command.lots.policy = next.overage ? lot_policy::latest_first : lot_policy::soonest_first;
    const auto at = booking_of(command.legs.size());
    auto expected = sheet_.at(at);
    const auto movable = [at](const fate& each) { return each.can_pay("", at); };
    const auto wanted = next.amount * static_cast<std::int64_t>(command.legs.size());
    if (is_odd(next)) return move_everything(std::move(command));
    const auto decision = decide(account_, command, clock_);
    if (command.kind == inbox_kind::reclaim) {
      const auto frozen = std::exchange(expected.frozen, false);
      if (is_refused(expected, decision, wanted, expected.usable("", at))) return;
      expected.frozen = frozen;
    } else if (is_refused(expected, decision, wanted, expected.usable("", at))) {
      return;
    }
    for (const auto& each : decision->sent) {
      const auto taken = expected.take(next.amount, &fate::sent, movable, next.overage);
      note_sent(each, taken);
    }
    book_all(decision->events, expected);
  }

  /// What was sent comes back.
  void bounce_one(const step& next) {
    if (sent_.empty()) return;
    const auto row = sent_.begin() + static_cast<std::ptrdiff_t>(next.which % sent_.size());
    const auto back = bounce_of(*row);
    sent_.erase(row);
    take_in(back);
  }

  void note_sent(const receive_credits& row, const std::vector<slice>& taken) {
    RC_ASSERT(row.lots.size() == taken.size());
    for (std::size_t i = 0; i < taken.size(); ++i) {
      auto expected = sheet_.fates.at(taken[i].lot).opened;
      expected.parent = expected.id;
      expected.id = row.lots[i].id;
      expected.seq = 0;
      expected.amount = expected.free = taken[i].units;
      RC_ASSERT(row.lots[i] == expected);
    }
    sent_.push_back(row);
  }

  /// Mostly one that is open for this purpose; else any that ever was.
  const promise* chosen_hold(const step& next, std::optional<hold_purpose> of = {}) const {
    std::vector<const promise*> all;
    for (const auto& each : sheet_.promises)
      if (is_odd(next) || (each.open() && (!of || each.purpose == of))) all.push_back(&each);
    return all.empty() ? nullptr : all[all.size() - 1 - next.which % all.size()];
  }

  inbox_id next_row() { return numbered<inbox_id>(++rows_ << 8); }

  std::vector<spend_on_record> spends_;
  std::uint32_t numbered_ = 0;

private:
  static bool is_odd(const step& next) { return next.which == 0; }

  static may_give pays(const step& next, time_point at) {
    return [&next, at](const fate& each) { return each.can_pay(next.application, at); };
  }

  static bool is_spenders(const promise& here, const step& next) {
    return here.open() && here.purpose == hold_purpose::spend && here.application == next.application;
  }

  /// Checks what it says when it must say no to `amount`; `anyway` is what it gives besides.
  template <class Decision> static bool is_refused(
      const balance_sheet& there,
      const Decision& decision,
      std::int64_t amount,
      std::int64_t can,
      std::int64_t anyway = 0
  ) {
    RC_ASSERT(decision.ok() == (amount <= can && !there.frozen));
    if (decision.ok()) return false;
    const auto& why = decision.why();
    RC_ASSERT(why.code == (there.frozen ? errc::entity_frozen : errc::insufficient_credits));
    RC_ASSERT(why.available == credits{can});
    RC_ASSERT(why.would_allow == credits{anyway + (there.frozen ? 0 : can)});
    const auto blocker = there.debt > 0 ? blocked_by::debt : blocked_by::balance;
    RC_ASSERT(why.blocker == (there.frozen ? blocked_by::frozen : blocker));
    return true;
  }

  static const fate* equal_in(const balance_sheet& there, const lot& arriving, time_point at) {
    const fate* found = nullptr;
    for (const auto& [id, each] : there.fates)
      if (each.takes_up(arriving, at) && (!found || each.before(*found))) found = &each;
    return found;
  }

  void move_everything(allocate_credits command) {
    command.everything = true;
    command.lots = {};
    command.legs.resize(1);
    const auto at = booking_of(1);
    auto expected = sheet_.at(at);
    const auto any = [](const fate&) { return true; };
    const auto all = expected.sum_of(&fate::free);
    const auto decision = decide(account_, command, clock_);
    const bool stays = expected.frozen && command.kind != inbox_kind::reclaim;
    if (all == 0) return RC_ASSERT(decision.code() == errc::insufficient_credits);
    if (stays) return RC_ASSERT(decision.code() == errc::entity_frozen);
    note_sent(decision->sent.front(), expected.take(all, &fate::sent, any));
    book_all(decision->events, expected);
  }

  allocation_leg leg(int amount) { return {numbered<account_id>(++rows_), credits{amount}, next_row()}; }

  void note_spend(const decided& events) {
    for (const auto& [booked, opened, reopened] : events) {
      if (booked.type != entry_type::spend && booked.type != entry_type::capture) continue;
      spend_on_record spend{booked, {}};
      for (const auto& part : booked.slices)
        spend.lots.push_back(sheet_.fates.at(part.lot).opened);
      spends_.push_back(std::move(spend));
    }
  }

  std::vector<receive_credits> sent_;
  std::uint32_t rows_ = 0;
};

} // namespace tessera::test
