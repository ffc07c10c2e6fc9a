#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// The seq of the hold that it opens.
std::uint64_t open_hold_on(credit_account& account, const hold_credits& command) {
  const auto decision = decide(account, command, start_of_test);
  EXPECT_TRUE(decision.ok());
  book(account, *decision);
  return account.seq;
}

TEST(HoldTest, TakesLotsInBurnOrderAndSaysWhichAndUntilWhen) {
  auto account = an_account().with_lot(200, expires_in(60d)).with_lot(100, expires_in(30d)).build();

  const auto decision = decide(account, hold(150, 60s), start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(1));
  const auto& booked = decision->front().booked;
  EXPECT_EQ(booked.type, entry_type::hold);
  EXPECT_THAT(booked.slices, ElementsAre(part(100, 2), part(50, 1)));
  EXPECT_EQ(booked.after, figures(150, 150, 0));
  EXPECT_EQ(booked.reference, hold_id_of({test_account, booked.seq}));
  EXPECT_EQ(booked.hold->ends_at, start_of_test + 60s);
  book(account, *decision);
  EXPECT_THAT(account.holds.all(), SizeIs(1));
}

TEST(HoldTest, IsRefusedLikeASpend) {
  auto account = an_account().with_lot(70, only_for("hr")).with_lot(30).build();

  const auto decision = decide(account, hold(31), start_of_test);

  EXPECT_EQ(decision.code(), errc::insufficient_credits);
  EXPECT_EQ(decision.why().would_allow, credits{30});
  EXPECT_EQ(
      decide(an_account().with_lot(9).frozen().build(), hold(1), start_of_test).code(), errc::entity_frozen
  );
}

TEST(HoldTest, WhatIsHeldCannotBeSpentOrHeldAgain) {
  auto account = an_account().with_lot(100).build();
  open_hold_on(account, hold(80));

  EXPECT_EQ(decide(account, consume(21), start_of_test).why().would_allow, credits{20});
  EXPECT_EQ(decide(account, hold(21), start_of_test).why().available, credits{20});
}

TEST(CaptureTest, UsesAllOfIt) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));

  const auto decision = decide(account, capture(seq, 80), start_of_test);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::capture));
  EXPECT_EQ(decision->back().booked.hold->state, hold_state::captured);
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(20, 0, 80));
  EXPECT_TRUE(account.holds.empty());
}

TEST(CaptureTest, GivesTheRestBackToTheLotsThatItCameFrom) {
  auto account = an_account().with_lot(100, expires_in(30d)).with_lot(100, expires_in(60d)).build();
  const auto seq = open_hold_on(account, hold(150));

  const auto decision = decide(account, capture(seq, 60), start_of_test);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::capture, entry_type::release));
  EXPECT_THAT(decision->front().booked.slices, ElementsAre(part(60, 1)));
  EXPECT_THAT(decision->back().booked.slices, ElementsAre(part(40, 1), part(50, 2)));
  EXPECT_EQ(cause_of(decision->back().booked), "captured");
  EXPECT_EQ(decision->back().booked.usable_after, credits{140});
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(140, 0, 60));
  EXPECT_TRUE(account.holds.empty());
}

TEST(CaptureTest, KeepsItOpenWhenItIsNotTheLast) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));
  auto command = capture(seq, 30);
  command.final = false;

  for (const auto used : {30, 60}) {
    book(account, *decide(account, command, start_of_test));
    EXPECT_EQ(account.totals.now, figures(20, 80 - used, used));
  }

  EXPECT_EQ(account.holds.find(seq)->captured, credits{60});
  EXPECT_EQ(decide(account, command, start_of_test).code(), errc::capture_exceeds_hold);
  EXPECT_EQ(decide(account, command, start_of_test).why().would_allow, credits{20});
  command.amount = credits{20};
  const auto last = decide(account, command, start_of_test);
  EXPECT_EQ(last->back().booked.hold->state, hold_state::captured);
}

TEST(CaptureTest, OfNothingLetsAllOfItGo) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));

  const auto decision = decide(account, capture(seq, 0), start_of_test);

  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::release));
  EXPECT_EQ(decision->back().booked.hold->state, hold_state::released);
}

TEST(CaptureTest, SpendsWhatGoesBeyondOrNothingAtAll) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));
  auto command = capture(seq, 101);
  command.spend_overage = true;

  const auto refused = decide(account, command, start_of_test);
  EXPECT_EQ(refused.code(), errc::insufficient_credits);
  EXPECT_EQ(refused.why().requested, credits{101});
  EXPECT_EQ(refused.why().would_allow, credits{100});

  command.amount = credits{95};
  const auto decision = decide(account, command, start_of_test);
  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::spend, entry_type::capture));
  EXPECT_EQ(decision->back().booked.usable_after, credits{5});
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(5, 0, 95));
}

TEST(CaptureTest, WorksOnAFrozenAccountButForWhatGoesBeyond) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));
  account.frozen = true;
  auto beyond = capture(seq, 90);
  beyond.spend_overage = true;

  EXPECT_EQ(decide(account, beyond, start_of_test).code(), errc::entity_frozen);
  EXPECT_EQ(decide(account, beyond, start_of_test).why().would_allow, credits{80});
  EXPECT_TRUE(decide(account, capture(seq, 80), start_of_test).ok());
  EXPECT_TRUE(decide(account, release(seq), start_of_test).ok());
}

TEST(CaptureTest, IsTheHoldersOrAnAdministrators) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));
  auto command = capture(seq, 80);
  command.requested_by.id = "key-2";

  EXPECT_EQ(decide(account, command, start_of_test).code(), errc::not_the_holder);
  command.administers = true;
  EXPECT_TRUE(decide(account, command, start_of_test).ok());
}

TEST(CaptureTest, KnowsNoHoldOfAnotherApplication) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));

  EXPECT_EQ(decide(account, capture(seq, 80, "hr"), start_of_test).code(), errc::hold_not_open);
  EXPECT_EQ(decide(account, release(seq, "hr"), start_of_test).code(), errc::hold_not_open);
  EXPECT_EQ(decide(account, capture(seq + 1, 80), start_of_test).code(), errc::hold_not_open);
}

TEST(CaptureTest, PutsItsKeyIntoTheLastEntryOfTheHold) {
  auto account = an_account().with_lot(100, expires_in(10s)).with_lot(100).build();
  const auto seq = open_hold_on(account, hold(150, 60s));
  auto command = capture(seq, 10);
  command.idempotency = {numbered<uuid>(7), numbered<uuid>(8)};

  const auto decision = decide(account, command, start_of_test + 20s);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::capture, entry_type::release, entry_type::expire));
  EXPECT_FALSE((*decision)[0].booked.idempotency);
  EXPECT_TRUE((*decision)[1].booked.idempotency);
  EXPECT_EQ((*decision)[1].booked.usable_after, credits{100});
}

TEST(ReleaseTest, GivesAllOfItBack) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80));

  const auto decision = decide(account, release(seq), start_of_test);

  EXPECT_EQ(cause_of(decision->back().booked), "released");
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(100, 0, 0));
  EXPECT_EQ(decide(account, release(seq), start_of_test).code(), errc::hold_not_open);
}

TEST(HoldExpiryTest, IsOverAtItsEndThoughNobodyHasBookedIt) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80, 60s));
  const auto end = start_of_test + 60s;

  EXPECT_EQ(account.usable("crm", end - tick), credits{20});
  EXPECT_EQ(account.usable("crm", end), credits{100});
  const auto seen = view(account, "crm", end);
  EXPECT_EQ(seen.now, figures(100, 0, 0));
  EXPECT_EQ(seen.lots.front().free, credits{100});
  EXPECT_EQ(decide(account, capture(seq, 80), end).code(), errc::hold_not_open);
  EXPECT_TRUE(decide(account, capture(seq, 80), end - 5 * tick).ok());
}

TEST(HoldExpiryTest, IsBookedBeforeWhatNeedsItsUnits) {
  auto account = an_account().with_lot(100).build();
  const auto seq = open_hold_on(account, hold(80, 60s));

  const auto decision = decide(account, consume(90), start_of_test + 61s);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::release, entry_type::spend));
  EXPECT_EQ(cause_of(decision->front().booked), "hold_expired");
  EXPECT_EQ(decision->front().booked.reference, hold_id_of({test_account, seq}));
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(10, 0, 90));
}

TEST(HoldExpiryTest, ProtectsUnitsBeyondTheEndOfTheirLot) {
  auto account = an_account().with_lot(100, expires_in(10s)).build();
  const auto seq = open_hold_on(account, hold(80, 60s));

  book(account, decide(account, expire_lots{}, start_of_test + 10s));
  EXPECT_EQ(account.totals.now, figures(0, 80, 0));
  EXPECT_EQ(account.totals.expired, credits{20});

  book(account, *decide(account, capture(seq, 80), start_of_test + 50s));
  EXPECT_EQ(account.totals.now, figures(0, 0, 80));
  EXPECT_THAT(account.lots, IsEmpty());
}

TEST(HoldExpiryTest, WhatIsReleasedAfterTheEndOfItsLotExpires) {
  auto account = an_account().with_lot(100, expires_in(10s)).with_lot(50).build();
  const auto seq = open_hold_on(account, hold(120, 60s));

  const auto decision = decide(account, release(seq), start_of_test + 20s);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::release, entry_type::expire));
  EXPECT_EQ(decision->front().booked.usable_after, credits{50});
  EXPECT_THAT(decision->back().booked.slices, ElementsAre(part(100, 1)));
  EXPECT_EQ(cause_of(decision->back().booked), "released_after_expiry");
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(50, 0, 0));
  EXPECT_EQ(account.totals.expired, credits{100});
}

TEST(HoldExpiryTest, EachEntrySaysWhatIsUsableByThen) {
  const auto later = 20s;
  auto account = an_account().with_lot(100, expires_in(10s)).with_lot(7, effective_in(later + 1us)).build();
  const auto seq = open_hold_on(account, hold(100, 60s));

  const auto decision = decide(account, release(seq), start_of_test + later);

  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->front().booked.usable_after, credits{0});
  EXPECT_EQ(decision->back().booked.usable_after, credits{7});
}

TEST(HoldExpiryTest, WhatCameBackInTimeExpiresWithItsLot) {
  auto account = an_account().with_lot(100, expires_in(100s)).build();
  open_hold_on(account, hold(80, 60s)); // over before the lot is, and booked after it

  const auto events = decide(account, expire_lots{}, start_of_test + 200s);

  EXPECT_THAT(types_of(events), ElementsAre(entry_type::release, entry_type::expire));
  EXPECT_EQ(cause_of(events.back().booked), "");
  EXPECT_EQ(events.back().booked.units, credits{100});
}

TEST(HoldExpiryTest, AsManyAsThereMayBeAreBookedTogether) {
  constexpr int most = most_open_holds;
  auto account = an_account().with_lot(most + 1).build();
  for (int i = 0; i < most; ++i)
    book(account, *decide(account, hold(1, 60s), start_of_test));
  EXPECT_EQ(decide(account, hold(1, 60s), start_of_test).code(), errc::too_many_holds);

  const auto end = account.booked_at + 60s;
  EXPECT_EQ(view(account, "crm", end).usable, credits{most + 1});
  const auto decision = decide(account, consume(most + 1), end);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(*decision, SizeIs(most + 1));
  book(account, *decision);
  EXPECT_EQ(account.totals.now, figures(0, 0, most + 1));
}

TEST(HoldIdTest, NamesItsEntryAndNothingElse) {
  const entry_place place{test_account, 42};

  EXPECT_EQ(parse_hold_id(hold_id_of(place)), place);
  for (const auto* text :
       {"",
        "hold-",
        "hold-00000000000000000000000000000acc",
        "hold-00000000000000000000000000000acc-",
        "hold-00000000000000000000000000000acc-0",
        "hold-00000000000000000000000000000acc-042",
        "hold-00000000000000000000000000000acc-42x",
        "hold-00000000000000000000000000000ACC-42",
        "hold-00000000000000000000000000000acc-99999999999999999999",
        "txn-00000000000000000000000000000acc-42"})
    EXPECT_EQ(parse_hold_id(text), std::nullopt) << text;
}

} // namespace
} // namespace tessera::test
