#include "actors/cluster/lease.hpp"
#include "tests/actors/account/account_fixture.hpp"

#include <initializer_list>

namespace tessera::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

consume_atomically all_or_none(std::vector<consume_credits> items) {
  const auto account = items.front().account;
  return {account, std::move(items), {}};
}

class AtomicTest : public AccountTest {
protected:
  account_id awake(std::int64_t amount) {
    const auto account = world.open_with(amount);
    world.ask(balance_query{account, {}});
    world.deliver();
    return account;
  }
  /// A batch with the keys, each of 10 credits.
  asked<atomic_receipt> ask(const account_id& account, std::initializer_list<std::uint32_t> keys) {
    std::vector<consume_credits> items;
    for (const auto key : keys)
      items.push_back(spend(account, 10, key));
    return world.ask(all_or_none(std::move(items)));
  }
  std::vector<bool> replayed(asked<atomic_receipt> asked) {
    std::vector<bool> each;
    for (const auto& item : world.answer(asked)->items)
      each.push_back(item.replayed);
    return each;
  }
  std::vector<std::uint64_t> seqs(asked<atomic_receipt> asked) {
    std::vector<std::uint64_t> each;
    for (const auto& item : world.answer(asked)->items)
      each.push_back(item.seq);
    return each;
  }
};

TEST_F(AtomicTest, IsOneWriteSetAndIsAnsweredWhenItIsDurable) {
  const auto account = awake(100);

  const auto asked =
      world.ask(all_or_none({spend(account, 60, 1), spend(account, 30, 2), spend(account, 10)}));
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  world.round();

  EXPECT_THAT(spends_of(account), ElementsAre(60, 30, 10));
  EXPECT_THAT(world.store().rounds, ElementsAre(1));
  EXPECT_THAT(seqs(asked), ElementsAre(2, 3, 4));
  EXPECT_THAT(replayed(asked), Each(false));
  EXPECT_EQ(world.answer(asked)->items[1].available, credits{10});
}

TEST_F(AtomicTest, NothingHappensWhenOneItemCannotBePaid) {
  const auto account = awake(100);

  const auto asked = world.ask(all_or_none({spend(account, 60), spend(account, 50), spend(account, 1)}));
  world.settle();

  const auto& why = world.answer(asked).why();
  EXPECT_EQ(why.code, errc::insufficient_credits);
  EXPECT_EQ(why.item, 1);
  EXPECT_EQ(why.requested, credits{50});
  EXPECT_EQ(why.available, credits{100});
  EXPECT_EQ(why.would_allow, credits{40});
  EXPECT_THAT(spends_of(account), IsEmpty());
  EXPECT_EQ(available(account), credits{100});
}

TEST_F(AtomicTest, ARefusalThatRestsOnWhatDidNotHappenIsDecidedAgain) {
  const auto account = world.open_with(100);
  spend_long_ago(account, 1, 7);

  const auto repeated = world.ask(spend(account, 1, 7)); // takes the round back
  const auto other = world.ask(spend(account, 97));
  const auto asked = world.ask(all_or_none({spend(account, 1), spend(account, 1)}));
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  world.settle();

  EXPECT_TRUE(world.answer(repeated)->replayed);
  EXPECT_TRUE(world.answer(other).ok());
  EXPECT_TRUE(world.answer(asked).ok());
  EXPECT_THAT(spends_of(account), ElementsAre(1, 97, 1, 1));
}

TEST_F(AtomicTest, ARoundThatIsTakenBackIsDecidedAgainAsAWhole) {
  const auto account = world.open_with(100);
  spend_long_ago(account, 10, 7);

  const auto single = world.ask(spend(account, 10, 7));
  const auto asked = ask(account, {1, 2, 3});
  world.settle();

  EXPECT_TRUE(world.answer(single)->replayed);
  EXPECT_THAT(seqs(asked), ElementsAre(3, 4, 5));
  EXPECT_THAT(replayed(asked), Each(false));
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10, 10, 10));
}

TEST_F(AtomicTest, ARoundThatFailsLeavesNothing) {
  const auto account = awake(100);
  world.store().next({journal_fault::unavailable});

  const auto asked = ask(account, {1, 2});
  world.settle();
  EXPECT_EQ(world.answer(asked).code(), errc::database_unavailable);
  EXPECT_THAT(spends_of(account), IsEmpty());
  EXPECT_EQ(available(account), credits{100});

  const auto again = ask(account, {1, 2});
  world.settle();
  EXPECT_THAT(replayed(again), ElementsAre(false, false));
}

TEST_F(AtomicTest, WhenNobodyKnowsTheSameBatchTells) {
  const auto account = awake(100);
  world.store().next({journal_fault::unknown_committed});

  const auto asked = ask(account, {1, 2});
  world.settle();
  const auto again = ask(account, {1, 2});
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::outcome_unknown);
  EXPECT_THAT(replayed(again), ElementsAre(true, true));
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10));
}

// Keys

TEST_F(AtomicTest, RepeatedItIsReplayedItemByItem) {
  const auto account = awake(100);
  const auto first = ask(account, {1, 2, 3});
  world.settle();
  world.ask(spend(account, 70));
  world.settle();

  const auto again = ask(account, {1, 2, 3});
  const auto turned = ask(account, {3, 1});
  const auto single = world.ask(spend(account, 10, 2));
  world.settle();

  EXPECT_THAT(replayed(again), Each(true));
  EXPECT_EQ(seqs(again), seqs(first));
  EXPECT_THAT(seqs(turned), ElementsAre(4, 2));
  EXPECT_EQ(world.answer(single)->seq, 3u);
  EXPECT_TRUE(world.answer(single)->replayed);
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10, 10, 70));
}

TEST_F(AtomicTest, ADuplicateWaitsForTheSameCommit) {
  const auto account = awake(100);
  const auto first = ask(account, {1, 2});
  const auto again = ask(account, {1, 2});
  const auto single = world.ask(spend(account, 10, 2));
  world.deliver();
  EXPECT_FALSE(world.is_answered(again));
  EXPECT_FALSE(world.is_answered(single));
  world.round();

  EXPECT_EQ(seqs(again), seqs(first));
  EXPECT_THAT(replayed(again), Each(true));
  EXPECT_EQ(world.answer(single)->seq, 3u);
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10));
}

TEST_F(AtomicTest, AMixtureIsRefusedWithTheFirstThatWasSpentBefore) {
  const auto account = awake(100);
  world.ask(spend(account, 10, 2));
  world.settle();

  const auto asked = ask(account, {1, 2, 3});
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::partially_replayed);
  EXPECT_EQ(world.answer(asked).why().item, 1);
  EXPECT_THAT(spends_of(account), ElementsAre(10));
}

TEST_F(AtomicTest, AnItemWithoutAKeyIsAlwaysNew) {
  const auto account = awake(100);
  const auto first = ask(account, {1, 0});
  world.settle();
  const auto again = ask(account, {1, 0});
  world.settle();

  EXPECT_TRUE(world.answer(first).ok());
  EXPECT_EQ(world.answer(again).code(), errc::partially_replayed);
  EXPECT_EQ(world.answer(again).why().item, 0);
}

TEST_F(AtomicTest, AMixtureThatRestsOnAPendingSpendWaitsForIt) {
  const auto account = awake(100);
  const auto pending = world.ask(spend(account, 10, 1));
  const auto asked = ask(account, {1, 2});
  world.deliver();
  world.step_look_ups();
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  world.settle();

  EXPECT_TRUE(world.answer(pending).ok());
  EXPECT_EQ(world.answer(asked).code(), errc::partially_replayed);
  EXPECT_THAT(spends_of(account), ElementsAre(10));
}

TEST_F(AtomicTest, AMixtureWithASpendThatDidNotHappenIsNone) {
  const auto account = world.open({a_lot(1, 100, expires_in(std::chrono::minutes(1))), a_lot(2, 50)});
  spend_long_ago(account, 10, 7);
  const auto old = world.ask(spend(account, 10, 7)); // takes the round back
  const auto pending = world.ask(spend(account, 60, 1));
  const auto asked = world.ask(all_or_none({spend(account, 60, 1), spend(account, 10, 2)}));
  world.deliver();
  world.step_look_ups();
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked)); // a mixture, if that is durable

  world.time().pass(std::chrono::minutes(2));
  world.settle();
  EXPECT_TRUE(world.answer(old).ok());
  EXPECT_EQ(world.answer(pending).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(asked).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(asked).why().item, 0);
}

TEST_F(AtomicTest, AKeyOfAnotherCommandNamesItsItem) {
  const auto account = awake(100);
  world.ask(spend(account, 10, 3));
  world.settle();

  const auto asked =
      world.ask(all_or_none({spend(account, 10, 1), spend(account, 10, 2), spend(account, 11, 3)}));
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::idempotency_key_reused);
  EXPECT_EQ(world.answer(asked).why().item, 2);
  EXPECT_THAT(spends_of(account), ElementsAre(10));
}

TEST_F(AtomicTest, OldKeysComeToLightWhenTheRoundIsRefused) {
  const auto account = world.open_with(1'000);
  for (const std::uint32_t key : {1, 2, 3})
    spend_long_ago(account, 10, key);

  const auto asked = ask(account, {1, 2, 3});
  const auto bystander = world.ask(spend(account, 5, 9));
  world.settle();

  EXPECT_THAT(seqs(asked), ElementsAre(2, 3, 4));
  EXPECT_THAT(replayed(asked), Each(true));
  EXPECT_FALSE(world.answer(bystander)->replayed);
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10, 10, 5));
}

TEST_F(AtomicTest, LooksAllKeysUpAtOnceBeforeItRefuses) {
  const auto account = world.open_with(30);
  for (const std::uint32_t key : {1, 2, 3})
    spend_long_ago(account, 10, key);

  const auto asked = ask(account, {1, 2, 3});
  const auto same = ask(account, {1, 2, 3});
  world.settle();

  EXPECT_THAT(replayed(asked), Each(true));
  EXPECT_THAT(replayed(same), Each(true));
  EXPECT_THAT(world.store().look_ups, ElementsAre(3));
  EXPECT_THAT(spends_of(account), ElementsAre(10, 10, 10));
}

TEST_F(AtomicTest, AMixtureWithOldKeysIsSureOfTheNewOnes) {
  const auto account = world.open_with(1'000);
  spend_long_ago(account, 10, 2);
  world.ask(spend(account, 10, 2)); // takes its round back, and the key is known
  world.settle();

  const auto asked = ask(account, {1, 2, 3});
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::partially_replayed);
  EXPECT_THAT(world.store().look_ups, ElementsAre(2));
}

TEST_F(AtomicTest, AReplayIsWholeThoughOnlyOneKeyWasInMemory) {
  const auto account = world.open_with(1'000);
  for (const std::uint32_t key : {1, 2, 3})
    spend_long_ago(account, 10, key);
  world.ask(spend(account, 10, 2));
  world.settle();

  const auto asked = ask(account, {1, 2, 3});
  world.settle();

  EXPECT_THAT(replayed(asked), ElementsAre(true, true, true));
  EXPECT_THAT(seqs(asked), ElementsAre(2, 3, 4));
}

TEST_F(AtomicTest, LearnsFromTheQuestionOfASingleSpend) {
  const auto account = world.open_with(5);
  const auto single = world.ask(spend(account, 10, 1)); // refused unless the ledger knows it
  world.deliver();
  const auto asked = ask(account, {1, 2});
  world.settle();

  EXPECT_EQ(world.answer(single).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(asked).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(asked).why().item, 0);
  EXPECT_THAT(world.store().look_ups, ElementsAre(1, 1)); // the other key only
}

TEST_F(AtomicTest, ASpendThatIsDurableWhileItsKeyIsLookedUpIsNotTheWorkOfAnotherOwner) {
  const auto account = world.open_with(15);
  const auto asked = ask(account, {1, 2, 3}); // 30 credits: looked up first
  world.deliver();
  const auto single = world.ask(spend(account, 10, 2));
  world.deliver();
  world.store().when_committed = [&] { // the ledger has it, and the account has not been told
    world.step_look_ups();
    world.deliver();
  };
  ASSERT_TRUE(world.step_round());
  world.settle();
  world.store().when_committed = {};

  EXPECT_FALSE(world.answer(single)->replayed);
  EXPECT_EQ(world.answer(asked).code(), errc::partially_replayed);
  EXPECT_EQ(world.answer(asked).why().item, 1);
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(AtomicTest, SaysThatTheDatabaseFailsWhenKeysCannotBeLookedUp) {
  const auto account = world.open_with(10);
  world.store().fail_look_ups(1);

  const auto asked = ask(account, {1, 2});
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::database_unavailable);
}

TEST(SmallWindowAtomicTest, ReplaysABatchThatItCannotRememberTogether) {
  actor_world world({.key_window_bytes = 1}); // one key of each shard in a generation
  const auto account = world.open_with(1'000);
  const auto batch = [&] {
    std::vector<consume_credits> items;
    for (std::uint32_t key = 1; key <= 6; ++key)
      items.push_back(spend(account, 10, key * 16));
    return all_or_none(std::move(items));
  };
  const auto first = world.ask(batch());
  world.settle();

  const auto again = world.ask(batch());
  world.settle();

  ASSERT_TRUE(world.answer(first).ok());
  ASSERT_TRUE(world.answer(again).ok()) << to_string(world.answer(again).code());
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_TRUE(world.answer(again)->items[i].replayed);
    EXPECT_EQ(world.answer(again)->items[i].seq, world.answer(first)->items[i].seq);
  }
  EXPECT_EQ(world.ledger().events(account).size(), 8u);
}

TEST_F(AtomicTest, TwoAccountsThatWantOneNewKeyInOneRoundSpendItOnce) {
  const auto one = awake(100);
  const auto other = awake(100);
  auto elsewhere = spend(other, 10, 2);
  elsewhere.idempotency = a_key(2, 77); // the fingerprint covers the entity

  const auto first = ask(one, {1, 2});
  const auto second = world.ask(all_or_none({spend(other, 10, 5), elsewhere}));
  world.settle();

  EXPECT_TRUE(world.answer(first).ok());
  EXPECT_EQ(world.answer(second).code(), errc::idempotency_key_reused);
  EXPECT_EQ(world.answer(second).why().item, 1);
  EXPECT_THAT(spends_of(other), IsEmpty());
}

// Arriving and room

TEST_F(AtomicTest, WaitsForTheAccountToWakeUp) {
  const auto account = world.open_with(100);
  const auto asked = ask(account, {1, 2});
  world.settle();
  EXPECT_THAT(replayed(asked), ElementsAre(false, false));
}

TEST_F(AtomicTest, WhatIsTooLateIsNotDecided) {
  const auto account = awake(100);
  auto late = all_or_none({spend(account, 1)});
  late.until = deadline{} + std::chrono::seconds(1);
  const auto asked = world.ask(late);
  world.settle();
  EXPECT_EQ(world.answer(asked).code(), errc::overloaded);
}

TEST_F(AtomicTest, WithoutALeaseItIsNotRefused) {
  const auto account = awake(1);
  world.ownership().extend(lease::now() - std::chrono::milliseconds(1));
  const auto asked = world.ask(all_or_none({spend(account, 1), spend(account, 1)}));
  world.settle();
  EXPECT_EQ(world.answer(asked).code(), errc::not_owner);
}

TEST(AtomicRoomTest, IsRefusedWhenTheJournalHasNoRoomForAllOfIt) {
  actor_world world({.max_depth = 4});
  const auto account = world.open_with(100);
  world.ask(spend(account, 1));
  world.settle(); // awake

  const auto fits = world.ask(all_or_none({3, spend(account, 1)}));
  const auto does_not = world.ask(all_or_none({2, spend(account, 1)}));
  const auto single = world.ask(spend(account, 1));
  world.deliver();
  EXPECT_EQ(world.depth(), 4u);
  world.settle();

  EXPECT_TRUE(world.answer(fits).ok());
  EXPECT_EQ(world.answer(does_not).code(), errc::overloaded);
  EXPECT_TRUE(world.answer(single).ok());
  EXPECT_EQ(world.depth(), 0u);
}

TEST(AtomicRoomTest, IsRefusedAlsoWhenItWaitedForTheLoad) {
  actor_world world({.max_depth = 4});
  const auto account = world.open_with(100);
  const auto fits = world.ask(all_or_none({3, spend(account, 1)}));
  const auto does_not = world.ask(all_or_none({2, spend(account, 1)}));
  const auto single = world.ask(spend(account, 1));
  world.settle();

  EXPECT_TRUE(world.answer(fits).ok());
  EXPECT_EQ(world.answer(does_not).code(), errc::overloaded);
  EXPECT_TRUE(world.answer(single).ok());
}

TEST(AtomicRoomTest, HasARoundOfItsOwnWhenItIsLargerThanOne) {
  actor_world world({.max_round = 4});
  const auto account = world.open_with(100);
  world.ask(balance_query{account, {}});
  world.deliver();

  world.ask(spend(account, 1));
  world.ask(spend(account, 1));
  const auto large = world.ask(all_or_none({6, spend(account, 1)}));
  world.ask(spend(account, 1));
  world.settle();

  EXPECT_TRUE(world.answer(large).ok());
  EXPECT_THAT(world.store().rounds, ElementsAre(2, 1, 1)); // write sets
}

} // namespace
} // namespace tessera::test
