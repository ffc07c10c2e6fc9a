#include "tests/support/actor_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tessera::test {
namespace {

using enum journal_fault;
using testing::ElementsAre;
using testing::SizeIs;

consume_credits spend(const account_id& account, std::int64_t amount, std::uint32_t key = 0) {
  auto command = consume(amount);
  command.account = account;
  if (key != 0) command.idempotency = a_key(key);
  return command;
}

/// What the lane does, seen by the accounts that use it.
class LaneTest : public testing::Test {
protected:
  /// An account that is awake and holds 100.
  account_id awake() {
    const auto account = world.open_with(100);
    world.ask(balance_query{account, {}});
    world.deliver();
    return account;
  }

  void TearDown() override {
    world.settle();
    EXPECT_EQ(world.unanswered(), 0u);
    EXPECT_EQ(world.answered_twice(), 0u);
    EXPECT_EQ(world.depth(), 0u);
  }

  actor_world world{{.max_round = 4}};
};

TEST_F(LaneTest, TakesNoMoreThanARoundHolds) {
  const auto account = awake();
  for (int i = 0; i < 10; ++i)
    world.ask(spend(account, 1));
  world.deliver();
  EXPECT_EQ(world.depth(), 10u);

  while (world.round()) {
  }
  EXPECT_THAT(world.store().rounds, ElementsAre(4, 4, 2));
}

/// What a durable round has left pending at an account is let go of though nobody calls the account again:
/// only then can it see that a snapshot is due.
TEST(LaneReminderTest, RemindsAnAccountOfWhatHasBecomeDurable) {
  actor_world world{{.remind_interval = std::chrono::milliseconds{0}}};
  const auto account = world.open_with(1'000);
  for (int i = 0; i < 256; ++i)
    world.ask(spend(account, 1));
  world.deliver();
  EXPECT_TRUE(world.round());
  world.deliver();
  EXPECT_EQ(world.ledger().snapshot(account).seq, 257u);
}

TEST_F(LaneTest, HasNothingToDoWhenNothingIsQueued) {
  EXPECT_FALSE(world.round());
  EXPECT_THAT(world.store().rounds, testing::IsEmpty());
}

TEST_F(LaneTest, AnswersWhatWritesNothingInItsPlace) {
  const auto account = awake();
  std::vector<asked<consume_receipt>> all;
  for (std::uint32_t i = 0; i < 5; ++i)
    all.push_back(world.ask(spend(account, 10, 1))); // one spend and four that wait for it
  const auto next = world.ask(spend(account, 20, 2));
  world.deliver();

  world.round();
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_TRUE(world.is_answered(all[i]));
  EXPECT_FALSE(world.is_answered(all[4]));
  EXPECT_FALSE(world.is_answered(next));
  world.round();
  EXPECT_TRUE(world.answer(all[4])->replayed);
  EXPECT_EQ(world.answer(next)->available, credits{70});
  EXPECT_THAT(world.store().rounds, ElementsAre(1, 1)); // rows only
}

TEST_F(LaneTest, WritesNoRoundOfWaitersOnly) {
  const auto account = awake();
  for (int i = 0; i < 8; ++i)
    world.ask(spend(account, 10, 1));
  world.settle();
  EXPECT_THAT(world.store().rounds, ElementsAre(1));
}

TEST_F(LaneTest, ARefusalOfOneAccountDoesNotHurtTheOthers) {
  const auto bad = awake();
  const auto good = awake();
  ledger_author other_node(world.ledger().load(std::vector{bad}).front());
  const auto foreign = other_node.spend(1);
  const write_set* round[] = {&foreign};
  world.ledger().append(round);

  const auto lost = world.ask(spend(bad, 10));
  const auto kept = world.ask(spend(good, 10));
  world.settle();

  EXPECT_EQ(world.answer(lost).code(), errc::outcome_unknown);
  EXPECT_TRUE(world.answer(kept).ok());
  EXPECT_THAT(world.store().rounds, ElementsAre(2, 1));
}

TEST_F(LaneTest, FindsTheAccountThatTheDatabaseRefuses) {
  const auto first = awake();
  const auto culprit = awake();
  const auto last = awake();
  world.store().refuse(culprit);
  const auto one = world.ask(spend(first, 10));
  const auto bad = world.ask(spend(culprit, 10));
  const auto bad_too = world.ask(spend(culprit, 20));
  const auto two = world.ask(spend(last, 10));
  world.settle();

  EXPECT_TRUE(world.answer(one).ok());
  EXPECT_TRUE(world.answer(two).ok());
  EXPECT_EQ(world.answer(bad).code(), errc::database_unavailable);
  EXPECT_EQ(world.answer(bad_too).code(), errc::database_unavailable);
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(LaneTest, TriesTransientFailuresThreeTimesAgain) {
  const auto account = awake();
  world.store().next({transient, transient, transient});
  const auto lucky = world.ask(spend(account, 10));
  world.settle();
  EXPECT_TRUE(world.answer(lucky).ok());

  world.store().next({transient, transient, transient, transient});
  const auto unlucky = world.ask(spend(account, 10));
  world.settle();
  EXPECT_EQ(world.answer(unlucky).code(), errc::database_unavailable);
  EXPECT_THAT(world.store().rounds, SizeIs(8));
}

TEST(LanePatienceTest, DoesNotTryAgainWhenNobodyWaitsAnyLonger) {
  actor_world world{{.transient_patience = std::chrono::milliseconds{0}}};
  const auto account = world.open_with(100);
  world.store().next({transient});
  const auto late = world.ask(spend(account, 10));
  world.settle();
  EXPECT_EQ(world.answer(late).code(), errc::database_unavailable);
}

TEST_F(LaneTest, DropsTheRestOfARefusedAttempt) {
  const auto account = awake();
  std::vector<asked<consume_receipt>> all;
  for (int i = 0; i < 10; ++i)
    all.push_back(world.ask(spend(account, 1)));
  world.deliver();
  world.store().next({unavailable});
  world.settle();

  for (const auto& each : all)
    EXPECT_EQ(world.answer(each).code(), errc::database_unavailable);
  EXPECT_THAT(world.store().rounds, ElementsAre(4)); // the other rounds were empty
  EXPECT_EQ(world.ledger().events(account).size(), 2u);
}

TEST_F(LaneTest, AsksForAllKeysOfARoundAtOnce) {
  const auto one = awake();
  const auto other = awake();
  std::vector<asked<consume_receipt>> all;
  for (std::uint32_t key = 1; key <= 3; ++key)
    all.push_back(world.ask(spend(key == 2 ? other : one, 500, key)));
  world.deliver();
  world.settle();

  for (const auto& each : all)
    EXPECT_EQ(world.answer(each).code(), errc::insufficient_credits);
  EXPECT_THAT(world.store().look_ups, ElementsAre(3));
  EXPECT_THAT(world.store().rounds, testing::IsEmpty());
}

TEST_F(LaneTest, AnswersLookUpsAlsoInARoundThatFails) {
  const auto account = awake();
  const auto other = awake();
  const auto spent = world.ask(spend(other, 10));
  const auto looking = world.ask(spend(account, 500, 1));
  world.deliver();
  world.store().next({unknown_lost});
  world.settle();

  EXPECT_EQ(world.answer(spent).code(), errc::outcome_unknown);
  EXPECT_EQ(world.answer(looking).code(), errc::insufficient_credits);
}

} // namespace
} // namespace tessera::test
