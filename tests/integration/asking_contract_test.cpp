// What others ask of an account, and reversals: both ledgers keep it alike (decisions 0040, 0041).
#include "tests/integration/journal_contract_fixture.hpp"
#include "tests/support/reversible.hpp"

#include <gmock/gmock.h>

#include <random>

namespace tessera::test {
namespace {

using enum persistence::append_status;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AskingContract : public JournalContract {
protected:
  static instruction asked_of(const account_id& account, inbox_kind kind, std::int64_t wanted = 0) {
    instruction asked;
    asked.id = fresh<inbox_id>();
    asked.account = account;
    asked.kind = kind;
    asked.wanted = credits{wanted};
    asked.ttl = kind == inbox_kind::set_aside ? time_point::duration{60s} : time_point::duration{};
    asked.requested_by = {principal_kind::user, "usr-9", "crm"};
    asked.request_id = "req-9";
    asked.reference = "ref-9";
    return asked;
  }
  instruction recall(const ledger_author& from, const account_id& to, std::int64_t wanted) {
    auto asked = asked_of(from.account().id, inbox_kind::recall, wanted);
    asked.to = to;
    asked.carrier = fresh<inbox_id>();
    return put(asked);
  }
  instruction put(const instruction& asked) {
    ledger->put_inbox(asked);
    return asked;
  }
  instruction read_back(const instruction& asked) {
    put(asked);
    return std::get<instruction>(load(asked.account).waiting.back());
  }

  void save(const ledger_author& author) { rows->save(std::vector{snapshot_of(author.account())}); }
  void expect_found_again(const ledger_author& author) {
    ASSERT_EQ(fold(load(author.account().id)), author.account());
  }
};

TESSERA_FOR_EVERY_LEDGER(AskingContract);

TEST_P(AskingContract, ReadsInstructionsBackAsTheyWereLeft) {
  const auto account = author_with(100).account().id;
  const auto other = author_with(1).account().id;
  auto hold = asked_of(account, inbox_kind::set_aside, 7);
  hold.partial = true;
  hold.roots = {fresh<lot_id>(), fresh<lot_id>()};
  hold.purpose = hold_purpose::dispute;
  hold.ttl = 90 * 24h + 1us;
  hold.reference = R"(any "text", it's {the} caller's \ ✓)";
  auto claw = asked_of(account, inbox_kind::claw_back, 9);
  claw.roots = {fresh<lot_id>()};
  claw.holds = {3, 1ull << 60};
  auto pay = asked_of(account, inbox_kind::pay_back, 2);
  pay.holds = {4};
  auto move = asked_of(account, inbox_kind::move_on);
  move.holds = {5};
  move.to = other;
  move.carrier = fresh<inbox_id>();
  for (const auto& asked : {hold, claw, pay, move, asked_of(account, inbox_kind::freeze)}) {
    const auto read = read_back(asked);
    EXPECT_EQ(read.id, asked.id);
    EXPECT_EQ(read.account, asked.account);
    EXPECT_EQ(read.kind, asked.kind);
    EXPECT_EQ(read.wanted, asked.wanted);
    EXPECT_EQ(read.partial, asked.partial);
    EXPECT_EQ(read.roots, asked.roots);
    EXPECT_EQ(read.purpose, asked.purpose);
    EXPECT_EQ(read.ttl, asked.ttl);
    EXPECT_EQ(read.holds, asked.holds);
    EXPECT_EQ(read.to, asked.to);
    EXPECT_EQ(read.carrier, asked.carrier);
    EXPECT_EQ(read.requested_by, asked.requested_by);
    EXPECT_EQ(read.request_id, asked.request_id);
    EXPECT_EQ(read.reference, asked.reference);
  }
}

TEST_P(AskingContract, ShowsArrivalsAndInstructionsInOneInbox) {
  const auto account = author_with(100).account().id;
  const auto first = fresh_row(account, 1);
  ledger->put_inbox(first);
  const auto second = put(asked_of(account, inbox_kind::freeze));
  const auto third = fresh_row(account, 1);
  ledger->put_inbox(third);
  std::vector<inbox_id> seen;
  for (const auto& row : load(account).waiting)
    seen.push_back(id_of(row));
  EXPECT_THAT(seen, ElementsAre(first.id, second.id, third.id));
}

TEST_P(AskingContract, TheRowSaysHowManyCreditsItCameTo) {
  auto below = author_with(100);
  ledger_author above(ledger->open_account());
  const auto asked = recall(below, above.account().id, 150);
  const auto writes = below.carry_out(asked);
  ASSERT_EQ(append(*store, writes).status, committed);
  EXPECT_EQ(ledger->inbox(asked.id).fulfilled, credits{100});
  EXPECT_EQ(ledger->inbox(asked.id).absorbed_seq, below.account().seq);
  EXPECT_THAT(load(below.account().id).waiting, IsEmpty());

  const auto brought = load(above.account().id).waiting;
  ASSERT_THAT(brought, SizeIs(1));
  EXPECT_EQ(arrival(brought.front()).id, asked.carrier);
  EXPECT_EQ(arrival(brought.front()).kind, inbox_kind::reclaim);
  EXPECT_EQ(arrival(brought.front()).lots, writes.sent.front().lots);
  ASSERT_EQ(append(*store, above.receive(arrival(brought.front()))).status, committed);
  EXPECT_EQ(ledger->inbox(asked.carrier).fulfilled, credits{100});
  expect_found_again(above);
  expect_found_again(below);
}

TEST_P(AskingContract, ThatThereWasNothingToDoNeedsNoEntry) {
  ledger_author below(ledger->open_account());
  const auto asked = recall(below, ledger->open_account().account, 50);
  const auto writes = below.carry_out(asked);
  ASSERT_TRUE(writes.events.empty());
  ASSERT_EQ(append(*store, writes).status, committed);
  EXPECT_EQ(ledger->inbox(asked.id).absorbed_seq, 0u);
  EXPECT_EQ(ledger->inbox(asked.id).fulfilled, credits{0});
  EXPECT_THAT(load(below.account().id).waiting, IsEmpty());

  const auto again = append(*store, writes);
  EXPECT_EQ(again.status, outrun);
  EXPECT_THAT(again.outrun, ElementsAre(below.account().id));
}

TEST_P(AskingContract, ARefusedInstructionSaysWhy) {
  const auto author = author_with(10);
  const auto asked = put([&] {
    auto pay = asked_of(author.account().id, inbox_kind::pay_back, 2);
    pay.holds = {77};
    return pay;
  }());
  write_set writes;
  writes.account = author.account().id;
  writes.refused.emplace_back(asked.id, errc::hold_not_open);
  EXPECT_EQ(append(*store, writes).status, committed);
  EXPECT_EQ(ledger->inbox(asked.id).refused, errc::hold_not_open);
}

TEST_P(AskingContract, WhatGoesUpArrivesAsWhatItIs) {
  for (const auto kind : {inbox_kind::give_back, inbox_kind::reclaim}) {
    auto below = author_with(100);
    ledger_author above(ledger->open_account());
    const auto writes = below.send_up(kind, {above.account().id, credits{40}, fresh<inbox_id>()});
    ASSERT_EQ(append(*store, writes).status, committed);
    const auto brought = load(above.account().id).waiting;
    ASSERT_THAT(brought, SizeIs(1));
    EXPECT_EQ(arrival(brought.front()).kind, kind);
    EXPECT_EQ(arrival(brought.front()).sender, writes.sent.front().sender);
    ASSERT_EQ(append(*store, above.receive(arrival(brought.front()))).status, committed);
    expect_found_again(above);
    expect_found_again(below);
  }
}

// Debt

TEST_P(AskingContract, ADebtIsRepaidByWhatArrives) {
  auto author = author_with(30);
  auto asked = put(asked_of(author.account().id, inbox_kind::claw_back, 100));
  ASSERT_EQ(append(*store, author.carry_out(asked)).status, committed);
  EXPECT_EQ(author.account().totals.now.debt, credits{70});
  EXPECT_EQ(ledger->inbox(asked.id).fulfilled, credits{100});
  save(author);
  expect_found_again(author);
  for (const auto arrives : {50, 50}) {
    ASSERT_EQ(append(*store, author.receive(fresh_lot(arrives))).status, committed);
    expect_found_again(author);
  }
  EXPECT_EQ(author.account().totals.now.debt, credits{0});
  EXPECT_EQ(author.account().totals.now.available, credits{30});
}

TEST_P(AskingContract, NothingElseLeavesCreditsBesideADebt) {
  auto author = author_with(100);
  auto spends = author.spend(10);
  spends.events.front().booked.after.debt = credits{1};
  EXPECT_EQ(append(*store, spends).status, refused);
}

TEST_P(AskingContract, KeepsThatAnAccountIsFrozen) {
  auto author = author_with(100);
  for (const auto frozen : {true, false, true}) {
    ASSERT_EQ(append(*store, author.change_freeze(frozen)).status, committed);
    expect_found_again(author);
    save(author);
    EXPECT_EQ(load(author.account().id).snapshot.frozen, frozen);
  }
}

TEST_P(AskingContract, KeepsHoldsOfEveryPurpose) {
  auto author = author_with(100);
  ASSERT_EQ(append(*store, author.receive(a_lot(fresh_number(), 50, expires_in(48h)))).status, committed);
  for (const auto purpose : {hold_purpose::escrow, hold_purpose::refund, hold_purpose::dispute}) {
    auto asked = asked_of(author.account().id, inbox_kind::set_aside, 20);
    asked.purpose = purpose;
    put(asked);
    ASSERT_EQ(append(*store, author.carry_out(asked)).status, committed);
    expect_found_again(author);
    save(author);
    expect_found_again(author);
  }
  auto pays = asked_of(author.account().id, inbox_kind::pay_back, 15);
  const auto& holds = author.account().holds.all();
  pays.holds = {
      (*std::ranges::find(holds, hold_purpose::refund, [](const auto& hold) { return hold->purpose; }))->seq};
  put(pays);
  ASSERT_EQ(append(*store, author.carry_out(pays)).status, committed);
  expect_found_again(author);
  EXPECT_EQ(author.account().totals.refunded, credits{15});
}

// Reversals

TEST_P(AskingContract, ALotThatWasEmptyIsThereAgain) {
  auto author = author_with(100);
  ASSERT_EQ(append(*store, author.spend(100)).status, committed);
  const auto spent = author.account().seq;
  save(author);
  ASSERT_EQ(append(*store, author.reverse(spent, 30)).status, committed);
  expect_found_again(author); // from the tail
  ASSERT_THAT(author.account().lots, SizeIs(1));
  save(author);
  expect_found_again(author); // from the snapshot
  EXPECT_THAT(load(author.account().id).snapshot.lots, SizeIs(1));
  ASSERT_EQ(append(*store, author.spend(30)).status, committed);
  save(author);
  EXPECT_THAT(load(author.account().id).snapshot.lots, IsEmpty());
  ASSERT_EQ(append(*store, author.reverse(spent)).status, committed);
  ASSERT_EQ(append(*store, author.spend(70)).status, committed);
  expect_found_again(author); // came and went in the tail
}

TEST_P(AskingContract, ASnapshotOfBeforeTheReversalForgetsNothing) {
  auto author = author_with(100);
  ASSERT_EQ(append(*store, author.spend(100)).status, committed);
  const auto empty = snapshot_of(author.account());
  ASSERT_EQ(append(*store, author.reverse(author.account().seq, 30)).status, committed);
  rows->save(std::vector{empty}); // it was written down later
  expect_found_again(author);
}

TEST_P(AskingContract, ALotThatWasRaisedComesBackWithItsOpening) {
  auto source = author_with(100);
  ledger_author author(ledger->open_account());
  for (int i = 0; i < 3; ++i) {
    const auto writes = source.allocate({{author.account().id, credits{10}, fresh<inbox_id>()}});
    ASSERT_EQ(append(*store, writes).status, committed);
    ASSERT_EQ(append(*store, author.receive(writes.sent.front())).status, committed);
  }
  save(author);
  ASSERT_EQ(append(*store, author.spend(30)).status, committed);
  const auto spent = author.account().seq;
  save(author);
  for (const auto back : {5, 20}) {
    ASSERT_EQ(append(*store, author.reverse(spent, back)).status, committed);
    expect_found_again(author);
    save(author);
    expect_found_again(author);
  }
}

TEST_P(AskingContract, WhatComesBackToALotThatIsOverExpires) {
  ledger_author author(ledger->open_account());
  ASSERT_EQ(append(*store, author.receive(a_lot(fresh_number(), 40, expires_in(1h)))).status, committed);
  ASSERT_EQ(append(*store, author.spend(40)).status, committed);
  const auto spent = author.account().seq;
  save(author);
  author.pass(3h);
  auto command = reversal_of(author.spent_by(spent), 25);
  command.regrants = true;
  command.regrant_lot = fresh<lot_id>();
  ASSERT_EQ(append(*store, author.reverse(command)).status, committed);
  expect_found_again(author);
  EXPECT_EQ(author.account().totals.expired, credits{25});
  ASSERT_THAT(author.account().lots, SizeIs(1));
  EXPECT_EQ(author.account().lots.front().kind, lot_kind::reinstated);
  save(author);
  expect_found_again(author);
}

TEST_P(AskingContract, MoreThanWasSpentIsNeverReversed) {
  auto author = author_with(100);
  ASSERT_EQ(append(*store, author.spend(50)).status, committed); // another one
  ASSERT_EQ(append(*store, author.spend(40)).status, committed);
  const auto stale = author.spent_by(author.account().seq);
  ASSERT_EQ(append(*store, author.reverse(reversal_of(stale, 25))).status, committed);
  const auto before = author.account();
  const auto outcome = append(*store, author.reverse(reversal_of(stale, 25)));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(before.id));
  EXPECT_EQ(fold(load(before.id)), before);
}

TEST_P(AskingContract, TwoInOneRoundReverseNoMoreThanWasSpent) {
  auto author = author_with(100);
  ASSERT_EQ(append(*store, author.spend(50)).status, committed); // another one
  ASSERT_EQ(append(*store, author.spend(40)).status, committed);
  const auto stale = author.spent_by(author.account().seq);
  auto other = author_with(1);
  const auto outcome = append(
      *store, {author.reverse(reversal_of(stale, 25)), other.spend(1), author.reverse(reversal_of(stale, 16))}
  );
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(author.account().id));
}

TEST_P(AskingContract, OnlyASpendOrACaptureIsReversed) {
  auto author = author_with(100);
  const auto bought = author.account().seq;
  ASSERT_EQ(append(*store, author.spend(40)).status, committed);
  auto wrong = author.spent_by(author.account().seq);
  wrong.spent.seq = bought;
  EXPECT_EQ(append(*store, author.reverse(reversal_of(wrong))).status, outrun);
}

TEST_P(AskingContract, ASpendIsReversedInParts) {
  auto author = author_with(100);
  ASSERT_EQ(append(*store, author.hold(60, 24h)).status, committed);
  ASSERT_EQ(append(*store, author.capture(author.account().seq, 50)).status, committed);
  const auto captured = author.account().seq - 1; // the rest was released behind it
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(append(*store, author.reverse(captured, 10)).status, committed);
    expect_found_again(author);
  }
  EXPECT_EQ(author.account().totals.now.available, credits{100});
}

/// Everything that can happen to an account, in any order, with snapshots anywhere.
TEST_P(AskingContract, ASnapshotAnywhereGivesTheSameAccountWhateverWasAsked) {
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    auto author = author_with(100);
    std::vector<std::uint64_t> spends;
    for (int step = 0; step < 60; ++step) {
      const auto& now = author.account();
      const auto amount = static_cast<std::int64_t>(random() % 40) + 1;
      const bool usable = now.totals.now.available >= credits{amount};
      write_set writes;
      switch (random() % 7) {
      case 0:
        writes = author.receive(a_lot(fresh_number(), amount, expires_in((random() % 60 + 1) * 1min)));
        break;
      case 1: writes = author.carry_out(put(asked_of(now.id, inbox_kind::claw_back, amount))); break;
      case 2: {
        auto asked = asked_of(now.id, inbox_kind::set_aside, amount);
        asked.partial = true;
        asked.purpose = random() % 2 == 0 ? hold_purpose::dispute : hold_purpose::refund;
        writes = author.carry_out(put(asked));
        break;
      }
      case 3: writes = author.pass(30s).expire(); break;
      case 4:
        if (spends.empty()) continue;
        writes = [&] {
          const auto spent = author.spent_by(spends[random() % spends.size()]);
          const auto left = sum_of(spent.slices) - spent.reversed;
          return left.is_zero() ? author.expire()
                                : author.reverse(reversal_of(spent, 1 + amount % left.value()));
        }();
        break;
      default:
        if (!usable || free_units(now.lots, "crm", start_of_test) < credits{amount}) continue;
        writes = author.spend(amount);
        spends.push_back(author.account().seq);
        break;
      }
      ASSERT_EQ(append(*store, writes).status, committed) << step;
      if (random() % 4 == 0) save(author);
      expect_found_again(author);
    }
  }
}

} // namespace
} // namespace tessera::test
