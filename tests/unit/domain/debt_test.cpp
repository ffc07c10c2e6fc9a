#include "actors/domain/allocation.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/reversals.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using entry_type::debt_repaid;
using entry_type::expire;
using entry_type::purchase;
using entry_type::spend;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto now = start_of_test;

/// An account that owes 30 and holds 100 for a spend, whose lot ends in `life`.
credit_account debtor_with_a_hold(std::chrono::microseconds life = 1h) {
  auto account = an_account().with_lot(100, expires_in(life)).build();
  book(account, *decide(account, hold(100, 60s), now - 1s + tick));
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, 30), now - 1s + 2 * tick)->events);
  EXPECT_EQ(account.totals.now, figures(0, 100, 0, 30));
  return account;
}

constexpr std::uint64_t the_hold = 2;

decided receive_by(const credit_account& account, inbox_kind kind, lot arriving) {
  auto command = receive(std::move(arriving));
  command.kind = kind;
  const auto decision = decide(account, command, now);
  EXPECT_TRUE(decision.ok());
  return *decision;
}

TEST(DebtTest, WhateverArrivesRepaysItFirst) {
  for (const auto kind :
       {inbox_kind::purchase,
        inbox_kind::allocation,
        inbox_kind::allocation_bounce,
        inbox_kind::grant,
        inbox_kind::give_back,
        inbox_kind::reclaim,
        inbox_kind::reinstatement}) {
    auto account = an_account().with_debt(30).build();

    const auto events = receive_by(account, kind, a_lot(9, 100, of_kind(lot_kind::promo)));

    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events.front().booked.after, figures(100, 0, 0, 30));
    EXPECT_EQ(events.front().booked.usable_after, credits{100});
    const auto& repaid = events.back().booked;
    EXPECT_EQ(repaid.type, debt_repaid);
    EXPECT_THAT(repaid.slices, ElementsAre(part(30, 9)));
    EXPECT_EQ(repaid.after, figures(70, 0, 0, 0));
    EXPECT_EQ(repaid.usable_after, credits{70});
    EXPECT_EQ(repaid.booked_at, events.front().booked.booked_at + tick);
    carry_out(account, events);
    EXPECT_EQ(account.totals.debt_repaid, credits{30});
  }
}

TEST(DebtTest, WhatIsNotEnoughRepaysAPart) {
  auto account = an_account().with_debt(30).build();

  carry_out(account, receive_by(account, inbox_kind::purchase, a_lot(9, 20)));

  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 10));
  EXPECT_THAT(account.lots, IsEmpty());
}

TEST(DebtTest, IsRepaidInBurnOrderFromWhateverIsFree) {
  auto account = an_account().with_debt(30).build();
  auto command = receive(a_lot(7, 50, expires_in(90d)));
  command.lots.push_back(a_lot(8, 20, expires_in(30d), only_for("hr")));
  command.lots.push_back(a_lot(9, 5, expires_in(60d), effective_in(1h)));

  const auto events = *decide(account, command, now);

  EXPECT_THAT(events.back().booked.slices, ElementsAre(part(20, 8), part(5, 9), part(5, 7)));
  carry_out(account, events);
}

TEST(DebtTest, WhatArrivesTooLateRepaysNothing) {
  auto account = an_account().with_debt(30).build();
  auto command = receive(a_lot(8, 100, expires_in(-1s)));
  command.lots.push_back(a_lot(9, 10));

  const auto events = *decide(account, command, now);

  EXPECT_THAT(types_of(events), ElementsAre(purchase, expire, debt_repaid));
  EXPECT_THAT(events.back().booked.slices, ElementsAre(part(10, 9)));
  carry_out(account, events);
  EXPECT_EQ(account.totals.expired, credits{100});
}

/// Between its arrival and its repayment a lot does not end.
TEST(DebtTest, ALotThatEndsAMomentAfterItsArrivalRepaysNothing) {
  for (const auto moment : {1us, 2us, 3us, 4us}) {
    auto account = an_account().with_debt(30).build();

    const auto events = receive_by(account, inbox_kind::purchase, a_lot(9, 100, expires_in(moment)));

    const bool lives = events.back().booked.booked_at < now + moment;
    EXPECT_EQ(events.back().booked.type, lives ? debt_repaid : expire);
    EXPECT_EQ(events.front().booked.booked_at < now + moment, lives);
    book(account, events);
  }
}

TEST(DebtTest, WhatIsReleasedRepaysIt) {
  auto account = debtor_with_a_hold();

  const auto events = *decide(account, release(the_hold), now);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::release, debt_repaid));
  EXPECT_EQ(events.front().booked.usable_after, credits{100});
  EXPECT_EQ(events.back().booked.usable_after, credits{70});
  carry_out(account, events);
  EXPECT_EQ(account.totals.now, figures(70, 0, 0, 0));
}

TEST(DebtTest, OfACaptureTheRestRepaysIt) {
  auto account = debtor_with_a_hold();

  const auto events = *decide(account, capture(the_hold, 80), now);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::capture, entry_type::release, debt_repaid));
  carry_out(account, events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 80, 10));
}

TEST(DebtTest, ALotThatEndsRightBehindARestIsOverBeforeTheCapture) {
  for (const auto moment : {1us, 2us, 3us, 4us, 5us, 6us, 7us}) {
    auto account = debtor_with_a_hold(moment);

    const auto decision = decide(account, capture(the_hold, 80), now);

    ASSERT_TRUE(decision.ok());
    const auto& last = decision->back().booked;
    EXPECT_EQ(last.type, last.booked_at < now + moment ? debt_repaid : expire);
    carry_out(account, *decision);
  }
}

/// As many entries as a capture may have.
TEST(DebtTest, NorDoesOneEndBetweenACaptureAndTheLastThatFollows) {
  const auto later = now + 20s;
  for (const auto moment : {1us, 2us, 3us, 4us, 5us, 6us}) {
    auto account = an_account().with_lot(50, expires_in(10s)).with_lot(50, expires_in(20s + moment)).build();
    book(account, *decide(account, hold(100, 60s), now - 1s + tick));
    const auto seq = account.seq;
    carry_out(account, decide(account, instruct(inbox_kind::claw_back, 30), now)->events);

    const auto decision = decide(account, capture(seq, 20), later);

    ASSERT_TRUE(decision.ok());
    const auto& last = decision->back().booked;
    EXPECT_EQ(last.type, last.booked_at < later + moment ? debt_repaid : expire);
    carry_out(account, *decision);
  }
}

TEST(DebtTest, WhatIsHeldStaysWithItsHold) {
  auto account = debtor_with_a_hold();

  const auto events = *decide(account, capture(the_hold, 100), now);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::capture));
  carry_out(account, events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 100, 30));
}

TEST(DebtTest, AHoldThatIsOverRepaysItBeforeAnythingElse) {
  auto account = debtor_with_a_hold();
  const auto later = now + 61s;

  const auto seen = view(account, "crm", later);
  EXPECT_EQ(seen.now, figures(70, 0, 0, 0));
  EXPECT_EQ(seen.usable, credits{70});
  EXPECT_EQ(seen.lots.front().free, credits{70});

  EXPECT_THAT(types_of(decide(account, expire_lots{}, later)), ElementsAre(entry_type::release, debt_repaid));
  EXPECT_EQ(decide(account, consume(71), later).why().would_allow, credits{70});
  const auto decision = decide(account, consume(70), later);
  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::release, debt_repaid, spend));
  carry_out(account, *decision);
}

TEST(DebtTest, WhatIsReleasedAfterItsLotEndedRepaysNothing) {
  auto account = debtor_with_a_hold(10s);

  const auto events = *decide(account, release(the_hold), now + 20s);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::release, expire));
  carry_out(account, events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 30));
}

/// The hold was over in time, the lot is over by now: nobody gets its units, the debt neither.
TEST(DebtTest, WhatCameBackInTimeAndIsOverByNowRepaysNothing) {
  auto account = debtor_with_a_hold(100s);
  const auto later = now + 101s;

  EXPECT_EQ(view(account, "", later).now, figures(0, 0, 0, 30));
  const auto events = decide(account, expire_lots{}, later);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::release, expire));
  carry_out(account, events);
}

TEST(DebtTest, OfWhatCameBackInTimeOnlyWhatStillLivesRepaysIt) {
  auto account = an_account().with_lot(40, expires_in(100s)).with_lot(25).build();
  book(account, *decide(account, hold(65, 60s), now - 1s + tick));
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, 30), now)->events);

  const auto decision = decide(account, receive(a_lot(9, 7)), now + 101s);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(
      types_of(*decision), ElementsAre(entry_type::release, expire, debt_repaid, purchase, debt_repaid)
  );
  EXPECT_EQ((*decision)[2].booked.units, credits{25});
  carry_out(account, *decision);
  EXPECT_EQ(account.totals.now, figures(2, 0, 0, 0));
}

TEST(DebtTest, WhatIsReversedRepaysIt) {
  auto account = an_account().with_lot(100).build();
  const auto lots = account.lots;
  book(account, *decide(account, consume(100), now));
  const auto spent = decide(an_account().with_lot(100).build(), consume(100), now)->front().booked;
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, 30), now)->events);

  const auto events = *decide(account, reverse(as_reversible(spent, lots), 50), now);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::reverse, debt_repaid));
  carry_out(account, events);
  EXPECT_EQ(account.totals.now, figures(20, 0, 50, 0));
}

TEST(DebtTest, NothingLeavesWhileItIsOwed) {
  const auto account = debtor_with_a_hold();

  for (const auto& why :
       {decide(account, consume(1), now).why(),
        decide(account, hold(1), now).why(),
        decide(account, allocate({leg_to(5, 1)}), now).why()}) {
    EXPECT_EQ(why.code, errc::insufficient_credits);
    EXPECT_EQ(why.blocker, blocked_by::debt);
    EXPECT_EQ(why.would_allow, credits{0});
  }
}

TEST(DebtTest, WhatGoesBeyondAHoldIsNotThere) {
  auto command = capture(the_hold, 101);
  command.spend_overage = true;

  const auto refused = decide(debtor_with_a_hold(), command, now);

  EXPECT_EQ(refused.why().blocker, blocked_by::debt);
  EXPECT_EQ(refused.why().would_allow, credits{100});
}

TEST(DebtTest, IsAsMuchAsABalanceMayBe) {
  auto account = an_account().build();
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, credits::limit), now)->events);
  EXPECT_EQ(account.totals.now.debt, credits{credits::limit});

  const auto more = decide(account, instruct(inbox_kind::claw_back, 1), now);

  EXPECT_EQ(more.code(), errc::amount_out_of_range);
}

} // namespace
} // namespace tessera::test
