#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using enum journal_fault;
using namespace std::chrono_literals;
using testing::ElementsAre;

// When the journal fails

TEST_F(AccountTest, TellsEverybodyThatTheOutcomeIsUnknownAndStartsAnew) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 30, 1));
  const auto replay = world.ask(spend(account, 30, 1));
  const auto refused = world.ask(spend(account, 90));
  const auto looking = world.ask(spend(account, 80, 2));
  world.deliver();
  world.store().next({unknown_lost});
  world.round();

  EXPECT_EQ(world.answer(first).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(replay).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(refused).code(), errc::outcome_unknown);
  EXPECT_TRUE(world.is_answered(looking));
  EXPECT_EQ(world.figures().retirements, 1u);
  EXPECT_EQ(world.live_accounts(), 0u);

  const auto retry = world.ask(spend(account, 30, 1));
  world.settle();
  EXPECT_FALSE(world.answer(retry)->replayed);
  EXPECT_EQ(world.figures().activations, 2u);
  EXPECT_THAT(spends_of(account), ElementsAre(30));
}

TEST_F(AccountTest, SeesWhatHappenedBehindAnUnknownOutcome) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 60, 1));
  world.deliver();
  world.store().next({unknown_committed});
  world.round();
  EXPECT_EQ(world.answer(first).code(), errc::outcome_unknown);

  EXPECT_EQ(available(account), credits{40});
  const auto retry = world.ask(spend(account, 60, 1));
  world.settle();
  EXPECT_EQ(*world.answer(retry), (consume_receipt{account, 2, credits{60}, credits{40}, true}));
  EXPECT_THAT(spends_of(account), ElementsAre(60));
}

TEST_F(AccountTest, StartsAnewWhenAnotherWriterWasFaster) {
  const auto account = world.open_with(100);
  world.ask(balance_query{account, {}});
  world.deliver();
  spend_long_ago(account, 50, 9); // somebody else's node

  const auto late = world.ask(spend(account, 30, 1));
  world.settle();
  EXPECT_EQ(world.answer(late).code(), errc::outcome_unknown);
  EXPECT_EQ(world.live_accounts(), 0u);

  EXPECT_EQ(available(account), credits{50});
  const auto retry = world.ask(spend(account, 30, 1));
  world.settle();
  EXPECT_EQ(world.answer(retry)->seq, 3u);
}

TEST_F(AccountTest, TakesEverythingBackWhenTheDatabaseIsAway) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 60, 1));
  const auto second = world.ask(spend(account, 40));
  const auto refused = world.ask(spend(account, 1));
  const auto expiry = world.ask(expire_lots{account, {}});
  world.deliver();
  world.store().next({unavailable});
  world.round();

  EXPECT_EQ(world.answer(first).code(), errc::database_unavailable);
  EXPECT_EQ(world.answer(second).code(), errc::database_unavailable);
  EXPECT_EQ(world.answer(refused).code(), errc::database_unavailable);
  EXPECT_EQ(world.answer(expiry).code(), errc::database_unavailable);
  EXPECT_EQ(world.figures().retirements, 0u);
  EXPECT_EQ(available(account), credits{100});

  const auto whole = world.ask(spend(account, 100, 1));
  world.settle();
  EXPECT_TRUE(world.answer(whole).ok());
}

TEST_F(AccountTest, DropsWhatWasPushedBeforeItHeardOfTheRefusal) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 60));
  world.deliver();
  const auto second = world.ask(spend(account, 40));
  world.store().next({unavailable});
  world.step_round();
  world.step_actor(); // the second spend, before the news
  EXPECT_EQ(world.depth(), 1u);
  world.settle();

  EXPECT_EQ(world.answer(first).code(), errc::database_unavailable);
  EXPECT_EQ(world.answer(second).code(), errc::database_unavailable);
  EXPECT_THAT(spends_of(account), testing::IsEmpty());
}

TEST_F(AccountTest, ChecksTheDeadlineBeforeItDecides) {
  const auto account = world.open_with(100);
  auto late = spend(account, 30, 1);
  late.until = std::chrono::steady_clock::now() - 1ms;
  const auto asked = world.ask(late);
  auto early = spend(account, 30, 2);
  early.until = std::chrono::steady_clock::now() + 1h;
  const auto in_time = world.ask(early);
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::overloaded);
  EXPECT_TRUE(world.answer(in_time).ok());
  EXPECT_THAT(spends_of(account), ElementsAre(30));
}

TEST(FullJournalTest, RefusesNewWork) {
  actor_world world({.max_depth = 2});
  const auto account = world.open_with(100);
  world.ask(balance_query{account, {}});
  world.deliver();
  std::vector<asked<consume_receipt>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(world.ask(spend(account, 10)));
  world.deliver();
  EXPECT_EQ(world.answer(all[2]).code(), errc::overloaded);
  EXPECT_EQ(world.answer(all[3]).code(), errc::overloaded);
  world.settle();

  EXPECT_TRUE(world.answer(all[0]).ok());
  EXPECT_TRUE(world.answer(all[1]).ok());
  const auto next = world.ask(spend(account, 10));
  world.settle();
  EXPECT_EQ(world.answer(next)->available, credits{70});
}

// Bugs

TEST_F(AccountTest, RetiresWhenAHandlerThrows) {
  const auto account = world.open_with(100);
  const auto pending = world.ask(spend(account, 10, 1));
  const auto looking = world.ask(spend(account, 1000, 2));
  world.deliver();
  world.time().breaks();
  const auto thrower = world.ask(spend(account, 20));
  while (world.step_actor()) {
  }
  world.time().works();

  EXPECT_EQ(world.answer(pending).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(looking).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(thrower).code(), errc::outcome_unknown);
  EXPECT_EQ(world.live_accounts(), 0u);
  EXPECT_EQ(world.figures().retirements, 1u);
  world.settle();
  EXPECT_THAT(spends_of(account), testing::IsEmpty()); // what was queued is dropped
}

TEST_F(AccountTest, WhatItLeavesQueuedHurtsNeitherItsSuccessorNorOthers) {
  const auto account = world.open_with(100);
  const auto bystander = world.open_with(100);
  world.ask(spend(account, 10, 1));
  world.ask(spend(account, 10, 2));
  world.deliver();
  world.time().breaks();
  world.ask(spend(account, 10, 3));
  while (world.step_actor()) {
  }
  world.time().works();

  const auto again = world.ask(spend(account, 10, 2));
  const auto other = world.ask(spend(bystander, 10));
  world.deliver();
  EXPECT_EQ(world.depth(), 4u); // all of it in one round
  world.settle();

  EXPECT_EQ(*world.answer(again), (consume_receipt{account, 2, credits{10}, credits{90}, false}));
  EXPECT_TRUE(world.answer(other).ok());
}

TEST_F(AccountTest, RetiresWhenTheJournalThrows) {
  const auto account = world.open_with(100);
  world.ask(balance_query{account, {}});
  world.deliver();
  world.break_journal();
  const auto thrower = world.ask(spend(account, 20));
  world.deliver();
  world.break_journal(false);

  EXPECT_EQ(world.answer(thrower).code(), errc::outcome_unknown);
  EXPECT_EQ(available(account), credits{100});
}

TEST_F(AccountTest, ForgetsNobodyWhenALoadedAccountThrows) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 20));
  const auto second = world.ask(spend(account, 30));
  const auto read = world.ask(balance_query{account, {}});
  while (world.step_actor()) {
  }
  world.time().breaks();
  world.step_read();
  world.step_read();
  while (world.step_actor()) {
  }
  world.time().works();

  EXPECT_EQ(world.answer(first).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(second).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(read).code(), errc::outcome_unknown);
}

TEST_F(AccountTest, ForgetsNobodyWhenDecidingAgainThrows) {
  const auto account = world.open_with(100);
  spend_long_ago(account, 10, 1);
  world.ask(balance_query{account, {}});
  world.deliver();
  std::vector<asked<consume_receipt>> all;
  all.push_back(world.ask(spend(account, 20)));
  all.push_back(world.ask(spend(account, 10, 1)));
  all.push_back(world.ask(spend(account, 30)));
  world.deliver();
  world.step_round();
  world.time().breaks();
  while (world.step_actor()) {
  }
  world.time().works();

  for (const auto& each : all)
    EXPECT_EQ(world.answer(each).code(), errc::outcome_unknown);
}

} // namespace
} // namespace tessera::test
