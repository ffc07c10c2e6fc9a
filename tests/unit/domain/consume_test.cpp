#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ConsumeTest, TakesTheLastUnit) {
  auto account = an_account().with_lot(200, expires_in(30d)).with_lot(100).build();

  const auto decision = decide(account, consume(300), start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(1));
  const auto& booked = decision->front().booked;
  EXPECT_EQ(booked.type, entry_type::spend);
  EXPECT_EQ(booked.units, credits{300});
  EXPECT_THAT(booked.slices, ElementsAre(part(200, 1), part(100, 2)));
  EXPECT_EQ(booked.after, (balances{credits{0}, credits{0}, credits{300}, credits{0}}));
  EXPECT_EQ(booked.usable_after, credits{0});
  EXPECT_THAT(decision->front().opened, IsEmpty());

  book(account, *decision);
  EXPECT_THAT(account.lots, IsEmpty());
  EXPECT_EQ(account.totals.now, booked.after);
}

TEST(ConsumeTest, RefusesOneMoreThanThereIs) {
  const auto account = an_account().with_lot(200, expires_in(30d)).with_lot(100).build();

  const auto decision = decide(account, consume(301), start_of_test);

  ASSERT_FALSE(decision.ok());
  const auto& why = decision.why();
  EXPECT_EQ(why.code, errc::insufficient_credits);
  EXPECT_EQ(why.blocker, blocked_by::balance);
  EXPECT_EQ(why.requested, credits{301});
  EXPECT_EQ(why.available, credits{300});
  EXPECT_EQ(why.would_allow, credits{300});
}

TEST(ConsumeTest, RefusesWithoutAnyLot) {
  const auto decision = decide(an_account().build(), consume(1), start_of_test);

  EXPECT_EQ(decision.code(), errc::insufficient_credits);
  EXPECT_EQ(decision.why().available, credits{0});
}

TEST(ConsumeTest, NamesTheDebtThatBlocks) {
  const auto decision = decide(an_account().with_debt(5).build(), consume(1), start_of_test);

  EXPECT_EQ(decision.code(), errc::insufficient_credits);
  EXPECT_EQ(decision.why().blocker, blocked_by::debt);
}

TEST(ConsumeTest, RefusesWhenFrozenBeforeItCounts) {
  const auto account = an_account().with_lot(100).frozen().build();

  for (const auto amount : {1, 101}) {
    const auto decision = decide(account, consume(amount), start_of_test);

    EXPECT_EQ(decision.code(), errc::entity_frozen);
    EXPECT_EQ(decision.why().blocker, blocked_by::frozen);
    EXPECT_EQ(decision.why().requested, credits{amount});
    EXPECT_EQ(decision.why().available, credits{100});
    EXPECT_EQ(decision.why().would_allow, credits{0});
  }
}

TEST(ConsumeTest, RefusesAmountsThatAreNone) {
  const auto account = an_account().with_lot(100).build();

  for (const auto amount : {std::int64_t{0}, std::int64_t{-1}, credits::limit + 1})
    EXPECT_EQ(decide(account, consume(amount), start_of_test).code(), errc::amount_out_of_range) << amount;
}

TEST(ConsumeTest, CountsOnlyWhatTheApplicationMayUse) {
  const auto account = an_account().with_lot(70, only_for("hr")).with_lot(30).build();

  const auto refused = decide(account, consume(31, "crm"), start_of_test);
  EXPECT_EQ(refused.code(), errc::insufficient_credits);
  EXPECT_EQ(refused.why().available, credits{30});

  const auto spent = decide(account, consume(71, "hr"), start_of_test);
  ASSERT_TRUE(spent.ok());
  EXPECT_THAT(spent->front().booked.slices, ElementsAre(part(70, 1), part(1, 2)));
}

TEST(ConsumeTest, ReportsWhatIsLeftForTheApplication) {
  const auto account = an_account().with_lot(70, only_for("hr")).with_lot(30).build();

  const auto spent = decide(account, consume(10, "crm"), start_of_test);

  ASSERT_TRUE(spent.ok());
  EXPECT_EQ(spent->front().booked.usable_after, credits{20});
  EXPECT_EQ(spent->front().booked.after.available, credits{90});
}

TEST(ConsumeTest, CarriesTheCommandIntoTheEntry) {
  auto account = an_account().with_lot(10).build();
  auto command = consume(1);
  command.meter = "tokens";
  command.event_id = "evt-1";
  command.caller_key = "key";
  command.idempotency = {numbered<uuid>(7), numbered<uuid>(8)};
  command.metadata = R"({"a":1})";
  command.occurred_at = start_of_test - 1h;

  const auto decision = decide(account, command, start_of_test);

  ASSERT_TRUE(decision.ok());
  const auto& booked = decision->front().booked;
  EXPECT_EQ(booked.account, test_account);
  EXPECT_EQ(booked.tenant, test_tenant);
  EXPECT_EQ(booked.seq, account.seq + 1);
  EXPECT_EQ(booked.application, "crm");
  EXPECT_EQ(booked.meter, "tokens");
  EXPECT_EQ(booked.reference, "");
  EXPECT_EQ(booked.requested_by, command.requested_by);
  EXPECT_EQ(booked.request_id, "req-1");
  EXPECT_EQ(booked.event_id, "evt-1");
  EXPECT_EQ(booked.caller_key, "key");
  EXPECT_EQ(booked.idempotency, command.idempotency);
  EXPECT_EQ(booked.metadata, R"({"a":1})");
  EXPECT_EQ(booked.occurred_at, start_of_test - 1h);
  EXPECT_EQ(booked.booked_at, start_of_test);
}

TEST(ConsumeTest, HappensWhenItIsBookedUnlessSaid) {
  const auto decision = decide(an_account().with_lot(1).build(), consume(1), start_of_test);

  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->front().booked.occurred_at, start_of_test);
}

TEST(ConsumeTest, BooksWhatExpiredFirst) {
  auto account = an_account().with_lot(40, expires_in(0us)).with_lot(100).with_used(5).build();
  auto command = consume(60);
  command.idempotency.emplace();
  command.occurred_at = start_of_test - 1h;

  const auto decision = decide(account, command, start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(2));
  const auto& expired = decision->front().booked;
  EXPECT_EQ(expired.type, entry_type::expire);
  EXPECT_EQ(expired.seq, account.seq + 1);
  EXPECT_EQ(expired.units, credits{40});
  EXPECT_THAT(expired.slices, ElementsAre(part(40, 1)));
  EXPECT_EQ(expired.after, (balances{credits{100}, credits{0}, credits{5}, credits{0}}));
  EXPECT_EQ(expired.usable_after, credits{100});
  EXPECT_EQ(expired.application, "");
  EXPECT_EQ(expired.requested_by, principal{});
  EXPECT_EQ(expired.request_id, "");
  EXPECT_FALSE(expired.idempotency);
  EXPECT_EQ(expired.booked_at, start_of_test);
  EXPECT_EQ(expired.occurred_at, start_of_test);
  const auto& spent = decision->back().booked;
  EXPECT_EQ(spent.type, entry_type::spend);
  EXPECT_EQ(spent.seq, account.seq + 2);
  EXPECT_THAT(spent.slices, ElementsAre(part(60, 2)));
  EXPECT_EQ(spent.after, (balances{credits{40}, credits{0}, credits{65}, credits{0}}));
  EXPECT_TRUE(spent.idempotency);
  EXPECT_EQ(spent.booked_at, start_of_test + tick);

  book(account, *decision);
  EXPECT_EQ(account.totals.expired, credits{40});
  EXPECT_THAT(account.lots, SizeIs(1));
}

TEST(ConsumeTest, SpendsTheLastMicrosecondOfALot) {
  const auto account = an_account().with_lot(10, expires_in(1us)).build();

  EXPECT_TRUE(decide(account, consume(10), start_of_test).ok());
  EXPECT_EQ(decide(account, consume(1), start_of_test + tick).why().available, credits{0});
}

TEST(ConsumeTest, LetsNothingEndBetweenTheExpiryAndTheSpend) {
  const auto account = an_account()
                           .with_lot(1, expires_in(0us))
                           .with_lot(2, expires_in(1us))
                           .with_lot(4, expires_in(2us))
                           .with_lot(8, expires_in(4us))
                           .build();

  EXPECT_EQ(decide(account, consume(9), start_of_test).why().available, credits{8});
  const auto decision = decide(account, consume(8), start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(2));
  EXPECT_THAT(decision->front().booked.slices, ElementsAre(part(1, 1), part(2, 2), part(4, 3)));
  EXPECT_EQ(decision->front().booked.booked_at, start_of_test + 2us);
  EXPECT_THAT(decision->back().booked.slices, ElementsAre(part(8, 4)));
  EXPECT_EQ(decision->back().booked.booked_at, start_of_test + 3us);
}

TEST(ConsumeTest, LooksAtTheBookingInstantNotAtTheClock) {
  const auto account = an_account().with_lot(10, expires_in(1us)).booked_at(start_of_test).build();

  const auto decision = decide(account, consume(1), start_of_test - 1h);

  EXPECT_EQ(decision.code(), errc::insufficient_credits);
  EXPECT_EQ(decision.why().available, credits{0});
}

TEST(BookingTest, RisesStrictlyWhateverTheClockSays) {
  auto account = an_account().with_lot(100).booked_at(start_of_test).build();
  std::vector<account_event> ledger;

  for (const auto clock : {0us, -3600s + 0us, 0us, 1us, 10us, 9us})
    book(account, *decide(account, consume(1), start_of_test + clock), ledger);

  std::vector<time_point::duration> booked;
  for (const auto& each : ledger)
    booked.push_back(each.booked.booked_at - start_of_test);
  EXPECT_THAT(booked, ElementsAre(1us, 2us, 3us, 4us, 10us, 11us));
}

} // namespace
} // namespace tessera::test
