#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using enum journal_fault;
using namespace std::chrono_literals;

// The inbox

TEST_F(AccountTest, TakesInWhatWaitsWhenItWakesUp) {
  const auto account = world.open_with(100);
  const auto row = world.put_inbox(account, 50);
  const auto asked = world.ask(spend(account, 120));
  world.settle();

  EXPECT_EQ(world.answer(asked)->available, credits{30});
  EXPECT_EQ(world.ledger().inbox(row).absorbed_seq, 2u);
}

TEST_F(AccountTest, TakesInWhatWaitsWhenItIsNudged) {
  const auto account = world.open();
  world.ask(balance_query{account, {}});
  world.settle();
  const auto first = world.put_inbox(account, 50);
  const auto second = world.put_inbox(account, 60);
  const auto nudge = world.ask(absorb_inbox{account, {}});
  world.deliver();
  EXPECT_FALSE(world.is_answered(nudge));
  EXPECT_EQ(available(account), credits{0});
  world.settle();

  EXPECT_EQ(world.answer(nudge)->seq, 2u);
  EXPECT_EQ(world.answer(nudge)->count, 2u);
  EXPECT_EQ(available(account), credits{110});
  EXPECT_EQ(world.ledger().inbox(first).absorbed_seq, 1u);
  EXPECT_EQ(world.ledger().inbox(second).absorbed_seq, 2u);
}

TEST_F(AccountTest, TakesARowInOnceHoweverOftenItIsNudged) {
  const auto account = world.open();
  world.ask(balance_query{account, {}});
  world.settle();
  world.put_inbox(account, 50);
  const auto first = world.ask(absorb_inbox{account, {}});
  const auto second = world.ask(absorb_inbox{account, {}});
  while (world.step_actor()) {
  }
  const auto third = world.ask(absorb_inbox{account, {}}); // its read sees the row, which is being written
  world.settle();
  const auto last = world.ask(absorb_inbox{account, {}});
  world.settle();

  for (const auto& each : {first, second, third, last})
    EXPECT_EQ(world.answer(each)->seq, 1u);
  EXPECT_EQ(world.answer(last)->count, 0u);
  EXPECT_EQ(available(account), credits{50});
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(AccountTest, DoesNotTakeInAgainWhatAnOldReadShows) {
  const auto account = world.open();
  world.put_inbox(account, 50);
  world.ask(balance_query{account, {}});
  world.deliver(); // the row is pending since the account woke up
  const auto nudge = world.ask(absorb_inbox{account, {}});
  while (world.step_actor()) {
  }
  world.step_read(); // the read takes its rows
  world.step_round();
  world.settle();

  EXPECT_EQ(world.answer(nudge)->seq, 1u);
  EXPECT_EQ(available(account), credits{50});
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(AccountTest, MarksARowThatItCannotTakeIn) {
  const auto account = world.open_with(credits::limit);
  const auto too_much = world.put_inbox(account, 1);
  const auto nudge = world.ask(absorb_inbox{account, {}});
  world.settle();

  EXPECT_TRUE(world.answer(nudge).ok());
  EXPECT_EQ(world.ledger().inbox(too_much).refused, errc::amount_out_of_range);
  EXPECT_EQ(world.ledger().events(account).size(), 2u);
}

TEST_F(AccountTest, TakesARowInLaterWhenTheDatabaseWasAway) {
  const auto account = world.open();
  world.ask(balance_query{account, {}});
  world.settle();
  const auto row = world.put_inbox(account, 50);
  world.store().next({unavailable});
  const auto first = world.ask(absorb_inbox{account, {}});
  world.settle();
  EXPECT_EQ(world.answer(first).code(), errc::database_unavailable);
  EXPECT_TRUE(world.ledger().inbox(row).waits());

  const auto second = world.ask(absorb_inbox{account, {}});
  world.settle();
  EXPECT_TRUE(world.answer(second).ok());
  EXPECT_EQ(world.ledger().inbox(row).absorbed_seq, 1u);
}

TEST_F(AccountTest, SaysThatTheInboxCannotBeRead) {
  const auto account = world.open();
  world.ask(balance_query{account, {}});
  world.settle();
  const auto nudge = world.ask(absorb_inbox{account, {}});
  world.fail_loads(1);
  world.settle();
  EXPECT_EQ(world.answer(nudge).code(), errc::database_unavailable);
}

TEST_F(AccountTest, KeepsNoMoreRowsInMindThanArePending) {
  const auto account = world.open_with(1'000);
  world.ask(balance_query{account, {}});
  world.settle();
  for (int n = 0; n < 20; ++n) {
    world.put_inbox(account, 1);
    world.ask(absorb_inbox{account, {}});
    world.deliver();
    world.round(); // the row is durable
    world.ask(spend(account, 1));
    world.deliver(); // and something is pending when the next nudge comes
  }

  EXPECT_LE(world.rows_in_mind(account), 1u);
}

TEST_F(AccountTest, ReadsAnInboxPageByPage) {
  const auto account = world.open();
  world.ask(balance_query{account, {}});
  world.settle();
  for (std::size_t n = 0; n < 2 * rows_per_inbox_page + 1; ++n)
    world.put_inbox(account, 1);
  const auto nudge = world.ask(absorb_inbox{account, {}});
  world.settle();

  EXPECT_EQ(world.answer(nudge)->count, 2 * rows_per_inbox_page + 1);
  EXPECT_EQ(available(account), credits{2 * rows_per_inbox_page + 1});
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(AccountTest, ReadsTheOtherPagesOfItsInboxWhenItWakesUp) {
  const auto account = world.open();
  for (std::size_t n = 0; n < rows_per_inbox_page + 1; ++n)
    world.put_inbox(account, 1);
  world.ask(balance_query{account, {}});
  world.settle();

  EXPECT_EQ(available(account), credits{rows_per_inbox_page + 1});
}

TEST(InboxDepthTest, AnInboxFillsTheJournalNoFurtherThanItsBound) {
  actor_world world({.max_depth = 300});
  const auto account = world.open();
  world.ask(balance_query{account, {}});
  world.settle();
  for (int n = 0; n < 1'200; ++n)
    world.put_inbox(account, 1);
  const auto nudge = world.ask(absorb_inbox{account, {}});
  world.deliver();
  EXPECT_EQ(world.depth(), 300u);
  world.settle();
  EXPECT_EQ(world.answer(nudge).code(), errc::overloaded);
  for (int n = 0; n < 3; ++n) {
    world.tell(absorb_inbox{account, {}});
    world.settle();
  }

  EXPECT_EQ(world.ledger().events(account).back().booked.after.available, credits{1'200});
}

TEST_F(AccountTest, TakesInWhatTheSweeperNudgesFor) {
  const auto account = world.open({a_lot(1, 10, expires_in(1h))});
  world.ask(balance_query{account, {}});
  world.settle();
  world.put_inbox(account, 50);
  world.time().pass(2h);
  world.tell(absorb_inbox{account, {}});
  world.tell(expire_lots{account, {}});
  world.settle();
  EXPECT_EQ(available(account), credits{50});
  EXPECT_EQ(world.ledger().events(account).back().booked.after.available, credits{50});
}

// Expiry

TEST_F(AccountTest, BooksWhatExpiredBeforeASpend) {
  const auto account = world.open({a_lot(1, 100, expires_in(1h)), a_lot(2, 50)});
  world.ask(balance_query{account, {}});
  world.deliver();
  world.time().pass(1h);
  EXPECT_EQ(available(account), credits{50});
  const auto too_much = world.ask(spend(account, 60));
  const auto asked = world.ask(spend(account, 20, 1));
  world.settle();

  EXPECT_EQ(world.answer(too_much).code(), errc::insufficient_credits);
  EXPECT_EQ(*world.answer(asked), (consume_receipt{account, 4, credits{20}, credits{30}, false}));
  EXPECT_EQ(world.ledger().events(account)[3].booked.type, entry_type::expire);
}

TEST_F(AccountTest, BooksWhatExpiredWhenItIsTold) {
  const auto account = world.open({a_lot(1, 100, expires_in(1h)), a_lot(2, 50)});
  const auto early = world.ask(expire_lots{account, {}});
  world.settle();
  world.time().pass(1h);
  const auto due = world.ask(expire_lots{account, {}});
  const auto again = world.ask(expire_lots{account, {}});
  world.deliver();
  EXPECT_FALSE(world.is_answered(due));
  EXPECT_FALSE(world.is_answered(again)); // it rests on the first
  world.settle();

  EXPECT_EQ(world.answer(early)->expired, credits{0});
  EXPECT_EQ(world.answer(due)->expired, credits{100});
  EXPECT_EQ(world.answer(again)->expired, credits{0});
  EXPECT_EQ(world.ledger().events(account).size(), 4u);
}

TEST_F(AccountTest, WritesDownThatALotIsEmptyWhenItIsNudgedForIt) {
  const auto account = world.open({a_lot(1, 100, expires_in(1h))});
  world.ask(spend(account, 100));
  world.settle();
  EXPECT_EQ(world.ledger().snapshot(account).seq, 0u);
  world.time().pass(1h);
  world.ask(expire_lots{account, {}});
  world.settle();
  EXPECT_EQ(world.ledger().snapshot(account).seq, 2u);
  EXPECT_THAT(world.ledger().snapshot(account).lots, testing::IsEmpty());
}

} // namespace
} // namespace tessera::test
