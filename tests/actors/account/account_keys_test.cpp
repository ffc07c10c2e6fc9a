#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;

// Keys

TEST_F(AccountTest, AnswersAPendingKeyFromTheSameCommit) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 30, 1));
  const auto again = world.ask(spend(account, 30, 1));
  world.deliver();
  EXPECT_FALSE(world.is_answered(again));

  world.round();
  EXPECT_FALSE(world.answer(first)->replayed);
  EXPECT_EQ(*world.answer(again), (consume_receipt{account, 2, credits{30}, credits{70}, true}));
  EXPECT_THAT(spends_of(account), ElementsAre(30));
}

TEST_F(AccountTest, RemembersAKeyThatIsDurable) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 30, 1));
  world.settle();
  world.ask(spend(account, 70));
  world.settle();

  const auto again = world.ask(spend(account, 30, 1));
  world.deliver();
  EXPECT_EQ(*world.answer(again), (consume_receipt{account, 2, credits{30}, credits{70}, true}));
}

TEST_F(AccountTest, RefusesAnotherCommandUnderTheSameKey) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 30, 1));
  const auto pending = world.ask(spend(account, 31, 1));
  world.deliver();
  EXPECT_FALSE(world.is_answered(pending));
  world.settle();
  const auto later = world.ask(spend(account, 32, 1));
  world.settle();

  EXPECT_EQ(world.answer(pending).code(), errc::idempotency_key_reused);
  EXPECT_EQ(world.answer(later).code(), errc::idempotency_key_reused);
  EXPECT_THAT(spends_of(account), ElementsAre(30));
}

TEST_F(AccountTest, LooksAKeyUpBeforeItRefuses) {
  const auto account = world.open_with(100);
  spend_long_ago(account, 100, 1);

  const auto again = world.ask(spend(account, 100, 1));
  const auto twice = world.ask(spend(account, 100, 1));
  world.deliver();
  EXPECT_FALSE(world.is_answered(again));
  world.round();

  const consume_receipt first{account, 2, credits{100}, credits{0}, true};
  EXPECT_EQ(*world.answer(again), first);
  EXPECT_EQ(*world.answer(twice), first);
  EXPECT_THAT(world.store().look_ups, ElementsAre(1));
}

TEST_F(AccountTest, RefusesAfterTheLookUpOfANewKey) {
  const auto account = world.open_with(100);
  const auto asked = world.ask(spend(account, 101, 1));
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::insufficient_credits);
  EXPECT_THAT(world.store().look_ups, ElementsAre(1));
}

TEST_F(AccountTest, DecidesANewKeyOnTheBalanceAfterTheLookUp) {
  const auto account = world.open_with(100);
  const auto asked = world.ask(spend(account, 150, 1));
  world.deliver();
  world.put_inbox(account, 100);
  world.ask(absorb_inbox{account, {}});
  world.settle();

  ASSERT_TRUE(world.answer(asked).ok());
  EXPECT_EQ(world.answer(asked)->available, credits{50});
}

TEST_F(AccountTest, SaysThatTheDatabaseFailsWhenAKeyCannotBeLookedUp) {
  const auto account = world.open_with(100);
  world.store().fail_look_ups(1);
  const auto asked = world.ask(spend(account, 101, 1));
  const auto same = world.ask(spend(account, 101, 1));
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::database_unavailable);
  EXPECT_EQ(world.answer(same).code(), errc::database_unavailable);
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(AccountTest, DecidesTheOthersAgainWhenTheDatabaseKnowsAKey) {
  const auto account = world.open_with(1000);
  for (std::uint32_t key = 1; key <= 3; ++key)
    spend_long_ago(account, 10, key);
  world.ask(balance_query{account, {}});
  world.deliver();

  std::vector<asked<consume_receipt>> all;
  for (std::uint32_t key = 0; key <= 3; ++key) {
    all.push_back(world.ask(spend(account, 10, key)));
    all.push_back(world.ask(spend(account, 100 + key, 100 + key)));
  }
  world.settle();

  for (const auto& each : all)
    EXPECT_TRUE(world.answer(each).ok());
  EXPECT_EQ(*world.answer(all[4]), (consume_receipt{account, 3, credits{10}, credits{980}, true}));
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10, 10, 10, 100, 101, 102, 103));
}

/// Spends that are in the ledger and that no node remembers, with the keys 1 and so on.
void spend_a_list_long_ago(actor_world& world, const account_id& account, std::uint32_t count) {
  ledger_author author(world.ledger().load(std::vector{account}).front());
  for (std::uint32_t key = 1; key <= count; ++key) {
    const auto writes = author.spend(1, a_key(key, 1));
    const write_set* round[] = {&writes};
    ASSERT_EQ(world.ledger().append(round).status, persistence::append_status::committed);
  }
}

TEST_F(AccountTest, AnOldKeyThatIsLookedUpBringsItsNeighbours) {
  const auto account = world.open_with(100);
  spend_a_list_long_ago(world, account, 6);
  world.ask(spend(account, 1, 1)); // met in a round: from now on it looks first
  world.settle();
  world.ask(spend(account, 1, 3));
  world.settle();
  ASSERT_THAT(world.store().look_ups, ElementsAre(1));

  for (const std::uint32_t key : {2, 4, 5, 6}) {
    const auto again = world.ask(spend(account, 1, key));
    world.deliver();
    EXPECT_EQ(
        *world.answer(again), (consume_receipt{account, key + 1, credits{1}, credits{100 - key}, true})
    );
  }
  world.ask(spend(account, 5, 77));
  world.settle();
  EXPECT_THAT(world.store().look_ups, ElementsAre(1)) << "nothing is looked up any more, new ones neither";
  EXPECT_THAT(spends_of(account), ElementsAre(1, 1, 1, 1, 1, 1, 5));
}

TEST_F(AccountTest, OldKeysThatAreSpreadAreLookedUpOneByOne) {
  const auto account = world.open_with(5'000);
  spend_a_list_long_ago(world, account, 2'500);
  for (const std::uint32_t key : {1, 2, 2'300, 2'400}) {
    const auto again = world.ask(spend(account, 1, key));
    world.settle();
    EXPECT_TRUE(world.answer(again)->replayed);
  }
  // 1 and 2,300 were met in a round, for nobody expected them; 2 brought neighbours, and 2,400 none so soon.
  EXPECT_THAT(world.store().look_ups, ElementsAre(1, 1));
  world.ask(spend(account, 1, 2'399));
  world.settle();
  EXPECT_THAT(world.store().look_ups, ElementsAre(1, 1, 1));
}

TEST(SmallWindowTest, AnswersOldKeysThatItCannotRememberTogether) {
  actor_world world({.key_window_bytes = 1}); // one key of each shard in a generation
  const auto account = world.open_with(1000);
  std::vector<asked<consume_receipt>> first;
  for (std::uint32_t key = 1; key <= 6; ++key)
    first.push_back(world.ask(spend(account, 10, key * 16)));
  world.settle();
  std::vector<asked<consume_receipt>> again;
  for (std::uint32_t key = 1; key <= 6; ++key)
    again.push_back(world.ask(spend(account, 10, key * 16)));
  world.settle();

  for (std::size_t i = 0; i < first.size(); ++i) {
    ASSERT_TRUE(world.answer(again[i]).ok());
    EXPECT_EQ(world.answer(again[i])->seq, world.answer(first[i])->seq);
    EXPECT_TRUE(world.answer(again[i])->replayed);
  }
  EXPECT_EQ(world.ledger().events(account).size(), 8u);
}

TEST_F(AccountTest, OneKeyOnTwoAccountsInOneRoundSpendsOnce) {
  const auto first = world.open_with(100);
  const auto second = world.open_with(100);
  const auto bystander = world.open_with(100);

  auto elsewhere = spend(second, 30, 1);
  elsewhere.idempotency = a_key(1, 77); // the fingerprint covers the entity
  const auto one = world.ask(spend(first, 30, 1));
  const auto other = world.ask(elsewhere);
  const auto its_next = world.ask(spend(second, 5));
  const auto unconcerned = world.ask(spend(bystander, 7));
  world.settle();

  EXPECT_TRUE(world.answer(one).ok());
  EXPECT_EQ(world.answer(other).code(), errc::idempotency_key_reused);
  EXPECT_TRUE(world.answer(its_next).ok());
  EXPECT_TRUE(world.answer(unconcerned).ok());
  EXPECT_THAT(spends_of(second), ElementsAre(5));
}

} // namespace
} // namespace tessera::test
