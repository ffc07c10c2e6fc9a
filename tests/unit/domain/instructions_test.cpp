#include "actors/domain/instructions.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using entry_type::adjust;
using entry_type::clawback;
using entry_type::debt_repaid;
using entry_type::expire;
using entry_type::freeze;
using entry_type::reclaim_in;
using entry_type::reclaim_out;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto now = start_of_test;

instruction of_roots(instruction asked, std::initializer_list<std::uint32_t> roots) {
  for (const auto n : roots)
    asked.roots.push_back(numbered<lot_id>(n));
  return asked;
}

instruction claw_back(std::int64_t units) {
  return instruct(inbox_kind::claw_back, units);
}

instruction recall(std::int64_t units) {
  auto asked = instruct(inbox_kind::recall, units);
  asked.to = numbered<account_id>(5);
  asked.carrier = numbered<inbox_id>(0x300);
  return asked;
}

// Clawing back

TEST(ClawBackTest, TakesTheNamedRootsFirstAndThenInBurnOrder) {
  auto account =
      an_account().with_lot(30, expires_in(30d)).with_lot(50).with_lot(40, expires_in(60d)).build();

  const auto made = decide(account, of_roots(claw_back(100), {2}), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{100});
  ASSERT_THAT(types_of(made->events), ElementsAre(clawback));
  const auto& booked = made->events.front().booked;
  EXPECT_THAT(booked.slices, ElementsAre(part(50, 2), part(30, 1), part(20, 3)));
  EXPECT_EQ(booked.usable_after, credits{20});
  EXPECT_EQ(booked.reference, "ref-1");
  EXPECT_EQ(booked.requested_by.id, "usr-1");
  EXPECT_EQ(booked.request_id, "req-5");
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.clawed_back, credits{100});
}

TEST(ClawBackTest, TakesWhatIsFreeWhoeverItIsFor) {
  auto account = an_account().with_lot(30, only_for("hr")).with_lot(50, effective_in(1h)).build();

  carry_out(account, decide(account, claw_back(80), now)->events);

  EXPECT_EQ(account.totals.now, figures(0, 0, 0));
}

TEST(ClawBackTest, WhatIsNotThereIsOwed) {
  auto account = an_account().with_lot(30).build();

  const auto made = decide(account, claw_back(45), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{45});
  ASSERT_THAT(types_of(made->events), ElementsAre(clawback, adjust));
  const auto& owed = made->events.back().booked;
  EXPECT_EQ(owed.units, credits{15});
  EXPECT_THAT(owed.slices, IsEmpty());
  EXPECT_EQ(owed.reference, "ref-1");
  EXPECT_EQ(owed.usable_after, credits{0});
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 15));

  const auto more = decide(account, claw_back(5), now);
  EXPECT_THAT(types_of(more->events), ElementsAre(adjust));
  carry_out(account, more->events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 20));
}

TEST(ClawBackTest, LeavesToOtherHoldsWhatTheyHave) {
  auto account = an_account().with_lot(100).build();
  book(account, *decide(account, hold(60), now));

  carry_out(account, decide(account, of_roots(claw_back(70), {1}), now)->events);

  EXPECT_EQ(account.totals.now, figures(0, 60, 0, 30));
}

TEST(ClawBackTest, LetsTheNamedHoldsGoFirst) {
  auto account = an_account().with_lot(30, expires_in(1h)).with_lot(50).build();
  carry_out(account, decide(account, set_aside(hold_purpose::dispute, 80), now)->events);
  auto asked = claw_back(60);
  asked.holds = {account.seq - 1, account.seq, account.seq, 99}; // once, twice, never

  const auto made = decide(account, asked, now);

  ASSERT_TRUE(made.ok());
  EXPECT_THAT(types_of(made->events), ElementsAre(entry_type::release, entry_type::release, clawback));
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(20, 0, 0));
}

TEST(ClawBackTest, WhatTheHoldsGiveBackIsOwedAlready) {
  auto account = an_account().with_lot(50).build();
  carry_out(account, decide(account, set_aside(hold_purpose::dispute, 50), now)->events);
  auto asked = claw_back(40);
  asked.holds = {account.seq};
  carry_out(account, decide(account, claw_back(20), now)->events);

  const auto made = decide(account, asked, now);

  EXPECT_THAT(types_of(made->events), ElementsAre(entry_type::release, debt_repaid, clawback, adjust));
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 10));
}

TEST(ClawBackTest, LetsNoHoldGoThatASpendHas) {
  auto account = an_account().with_lot(100).build();
  book(account, *decide(account, hold(60), now));
  auto asked = claw_back(50);
  asked.holds = {account.seq};

  carry_out(account, decide(account, asked, now)->events);

  EXPECT_EQ(account.totals.now, figures(0, 60, 0, 10));
}

TEST(ClawBackTest, TakesNothingOfLotsThatAreOver) {
  auto account = an_account().with_lot(30, expires_in(-1h)).with_lot(50).build();

  const auto made = decide(account, of_roots(claw_back(60), {1}), now);

  EXPECT_THAT(types_of(made->events), ElementsAre(expire, clawback, adjust));
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 10));
}

TEST(ClawBackTest, RefusesADebtThatNoBalanceCouldHave) {
  const auto account = an_account().with_debt(2).build();
  EXPECT_EQ(decide(account, claw_back(credits::limit - 1), now).code(), errc::amount_out_of_range);
  EXPECT_TRUE(decide(account, claw_back(credits::limit - 2), now).ok());
  EXPECT_EQ(decide(account, claw_back(0), now).code(), errc::amount_out_of_range);
}

// Recalling

TEST(RecallTest, SendsWhatIsFreeOfTheRoots) {
  auto account = an_account().with_lot(30, expires_in(30d), priority(8)).with_lot(50).build();
  book(account, *decide(account, hold(10), now));

  const auto made = decide(account, of_roots(recall(25), {1}), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{20});
  ASSERT_THAT(types_of(made->events), ElementsAre(reclaim_out));
  const auto& booked = made->events.front().booked;
  EXPECT_THAT(booked.slices, ElementsAre(part(20, 1)));
  EXPECT_EQ(booked.reference, "alloc-" + to_string(numbered<inbox_id>(0x300)));
  EXPECT_EQ(booked.usable_after, credits{50});
  ASSERT_THAT(made->sent, SizeIs(1));
  const auto& sent = made->sent.front();
  EXPECT_EQ(sent.kind, inbox_kind::reclaim);
  EXPECT_EQ(sent.account, numbered<account_id>(5));
  EXPECT_EQ(sent.sender, (entry_place{test_account, booked.seq}));
  EXPECT_EQ(sent.lots.front().root, numbered<lot_id>(1));
  EXPECT_EQ(sent.lots.front().priority, 8);
  EXPECT_EQ(sent.lots.front().expires_at, now + std::chrono::days{30});
  carry_out(account, made->events);

  auto above = an_account().build();
  const auto arrived = decide(above, sent, now);
  EXPECT_THAT(types_of(*arrived), ElementsAre(reclaim_in));
}

TEST(RecallTest, OfNothingIsAnAnswerWithoutEntries) {
  const auto account = an_account().with_lot(30, expires_in(-1h)).with_lot(50, held(50)).build();

  const auto made = decide(account, recall(25), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{0});
  EXPECT_THAT(made->events, IsEmpty());
  EXPECT_THAT(made->sent, IsEmpty());
}

TEST(RecallTest, LetsTheNamedHoldsGoFirst) {
  auto account = an_account().with_lot(50).build();
  carry_out(account, decide(account, set_aside(hold_purpose::dispute, 50), now)->events);
  auto asked = of_roots(recall(40), {1});
  asked.holds = {account.seq, 99};

  const auto made = decide(account, asked, now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{40});
  EXPECT_THAT(types_of(made->events), ElementsAre(entry_type::release, reclaim_out));
  EXPECT_THAT(made->sent, SizeIs(1));
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(10, 0, 0));
}

TEST(RecallTest, OfNoRootsIsOfAny) {
  auto account = an_account().with_lot(30, only_for("hr")).with_lot(50).build();

  EXPECT_EQ(decide(account, recall(80), now)->fulfilled, credits{80});
}

// Freezing

TEST(FreezeInstructionTest, FreezesAndThaws) {
  auto account = an_account().with_lot(30).build();

  const auto frozen = decide(account, instruct(inbox_kind::freeze), now);
  ASSERT_THAT(types_of(frozen->events), ElementsAre(freeze));
  EXPECT_EQ(frozen->events.front().booked.reference, "ref-1");
  EXPECT_EQ(frozen->events.front().booked.requested_by.id, "usr-1");
  carry_out(account, frozen->events);
  EXPECT_TRUE(account.frozen);
  EXPECT_THAT(decide(account, instruct(inbox_kind::freeze), now)->events, IsEmpty());

  carry_out(account, decide(account, instruct(inbox_kind::unfreeze), now)->events);
  EXPECT_FALSE(account.frozen);
}

} // namespace
} // namespace tessera::test
