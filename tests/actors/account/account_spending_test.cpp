#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;

// Spending

TEST_F(AccountTest, AnswersASpendWhenItIsDurable) {
  const auto account = world.open_with(100);

  const auto asked = world.ask(spend(account, 30));
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  world.round();

  ASSERT_TRUE(world.answer(asked).ok());
  EXPECT_EQ(*world.answer(asked), (consume_receipt{account, 2, credits{30}, credits{70}, false}));
  EXPECT_THAT(spends_of(account), ElementsAre(30));
}

TEST_F(AccountTest, DecidesTheNextSpendBeforeTheFirstIsDurable) {
  const auto account = world.open_with(100);

  const auto first = world.ask(spend(account, 60));
  const auto second = world.ask(spend(account, 40));
  const auto third = world.ask(spend(account, 1));
  world.deliver();
  world.round();

  EXPECT_EQ(world.answer(first)->available, credits{40});
  EXPECT_EQ(world.answer(second)->available, credits{0});
  EXPECT_EQ(world.answer(third).code(), errc::insufficient_credits);
  EXPECT_THAT(world.store().rounds, ElementsAre(2));
}

TEST_F(AccountTest, ShowsOnlyWhatIsDurable) {
  const auto account = world.open_with(100);
  const auto asked = world.ask(spend(account, 30));
  world.deliver();

  EXPECT_EQ(available(account), credits{100});
  // The answer leaves in the round; a balance that is asked for afterwards has it.
  world.step_round();
  EXPECT_TRUE(world.is_answered(asked));
  EXPECT_EQ(available(account), credits{70});
}

TEST_F(AccountTest, IsNotBehindAnAnswerWhileMoreIsPending) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 30));
  world.deliver();
  world.step_round();
  world.ask(spend(account, 20));
  world.deliver();

  EXPECT_EQ(available(account), credits{70});
  world.round();
  EXPECT_EQ(available(account), credits{50});
}

TEST_F(AccountTest, SaysWhatWouldHavePassed) {
  const auto account = world.open_with(100);
  const auto asked = world.ask(spend(account, 101));
  world.deliver();

  EXPECT_EQ(world.answer(asked).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(asked).why().would_allow, credits{100});
  EXPECT_THAT(world.store().rounds, testing::IsEmpty());
}

// Refusals behind pending spends

TEST_F(AccountTest, HoldsBackARefusalThatRestsOnWhatIsPending) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 100));
  const auto refused = world.ask(spend(account, 1));
  world.deliver();
  EXPECT_FALSE(world.is_answered(refused));

  world.round();
  EXPECT_EQ(world.answer(refused).code(), errc::insufficient_credits);
}

TEST_F(AccountTest, DecidesARefusalAgainWhenWhatItRestedOnDidNotHappen) {
  const auto account = world.open_with(100);
  spend_long_ago(account, 10, 1);
  world.ask(balance_query{account, {}});
  world.deliver();

  const auto old = world.ask(spend(account, 10, 1)); // decided as new: nobody here remembers the key
  const auto other = world.ask(spend(account, 85));
  world.deliver();
  EXPECT_FALSE(world.is_answered(other));
  world.round();

  EXPECT_EQ(*world.answer(old), (consume_receipt{account, 2, credits{10}, credits{90}, true}));
  world.round();
  ASSERT_TRUE(world.answer(other).ok());
  EXPECT_EQ(world.answer(other)->available, credits{5});
  EXPECT_THAT(spends_of(account), ElementsAre(10, 85));
}

} // namespace
} // namespace tessera::test
