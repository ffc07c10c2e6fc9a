#include "actors/account/key_window.hpp"
#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using enum journal_fault;
using testing::ElementsAre;

class AllocatingAccountTest : public AccountTest {
protected:
  /// A leg in a row of its own.
  allocation_leg leg(const account_id& to, std::int64_t amount) {
    return {to, credits{amount}, numbered<inbox_id>((++rows_) << 8)};
  }

  /// The key `key`, if there is one, stands for these amounts.
  allocate_credits
  allocation(const account_id& from, std::vector<allocation_leg> legs, std::uint32_t key = 0) {
    auto command = allocate(std::move(legs));
    command.account = from;
    command.allocation_id = "alloc-" + std::to_string(++allocations_);
    std::uint32_t print = 0;
    for (const auto& each : command.legs)
      print = print * 31 + static_cast<std::uint32_t>(each.amount.value());
    if (key != 0) command.idempotency = a_key(key, print);
    return command;
  }

  std::vector<std::int64_t> entries_of(const account_id& account, entry_type type) {
    std::vector<std::int64_t> units;
    for (const auto& event : world.ledger().events(account))
      if (event.booked.type == type) units.push_back(event.booked.units.value());
    return units;
  }

  void absorb(const account_id& account) {
    world.ask(absorb_inbox{account, {}});
    world.settle();
  }

  account_id source = world.open_with(100);
  account_id one = world.open();
  account_id other = world.open();

private:
  std::uint32_t rows_ = 0;
  int allocations_ = 0;
};

TEST_F(AllocatingAccountTest, AnswersWhenDebitAndLegsAreDurable) {
  const auto command = allocation(source, {leg(one, 30), leg(other, 20)});
  const auto asked = world.ask(command);
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  EXPECT_TRUE(world.ledger().all_inboxes().empty());
  world.settle();

  EXPECT_EQ(*world.answer(asked), (allocation_receipt{source, 2, false}));
  EXPECT_EQ(available(source), credits{50});
  available(one); // waking up takes it in
  world.settle();
  EXPECT_EQ(available(one), credits{30});
  EXPECT_EQ(world.ledger().inbox(command.legs[0].id).absorbed_seq, 1u);
  EXPECT_EQ(arrival(world.ledger().inbox(command.legs[0].id).command).sender, (entry_place{source, 2}));
  EXPECT_EQ(arrival(world.ledger().inbox(command.legs[1].id).command).sender, (entry_place{source, 3}));
}

TEST_F(AllocatingAccountTest, AReceiverThatIsAwakeTakesItInWhenItIsNudged) {
  available(one);
  world.ask(allocation(source, {leg(one, 30)}));
  world.settle();
  EXPECT_EQ(available(one), credits{0});
  absorb(one);
  EXPECT_EQ(available(one), credits{30});
  absorb(one);
  EXPECT_THAT(entries_of(one, entry_type::allocate_in), ElementsAre(30));
}

TEST_F(AllocatingAccountTest, TwoAtOnceDoNotOverdraw) {
  const auto first = world.ask(allocation(source, {leg(one, 60)}));
  const auto second = world.ask(allocation(source, {leg(other, 60)}));
  world.settle();
  EXPECT_TRUE(world.answer(first).ok());
  EXPECT_EQ(world.answer(second).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(second).why().would_allow, credits{40});
}

TEST_F(AllocatingAccountTest, ARepeatedKeyGetsTheFirstAnswer) {
  const auto command = allocation(source, {leg(one, 30), leg(other, 20)}, 7);
  const auto first = world.ask(command);
  const auto running = world.ask(allocation(source, {leg(one, 30), leg(other, 20)}, 7));
  world.settle();
  const auto remembered = world.ask(allocation(source, {leg(one, 30), leg(other, 20)}, 7));
  const auto another = world.ask(allocation(source, {leg(one, 31)}, 7));
  world.settle();

  EXPECT_FALSE(world.answer(first)->replayed);
  for (const auto& each : {running, remembered})
    EXPECT_EQ(*world.answer(each), (allocation_receipt{source, 2, true}));
  EXPECT_EQ(world.answer(another).code(), errc::idempotency_key_reused);
  EXPECT_THAT(entries_of(source, entry_type::allocate_out), ElementsAre(30, 20));
}

class ForgetfulAllocatingTest : public AllocatingAccountTest {
protected:
  /// A node that has heard nothing yet, on the same ledger.
  void forget_keys() {
    world.passivate(source);
    world.settle();
    for (std::uint32_t n = 0; n < 2; ++n) // both generations of every shard
      for (std::uint32_t each = 0; each < 40'000; ++each)
        world.keys().remember(
            {.idempotency = a_key(900'000 + n * 40'000 + each), .account = {}, .would_allow = {}}
        );
  }
};

TEST_F(ForgetfulAllocatingTest, AnOldKeyIsFoundInTheLedger) {
  world.ask(allocation(source, {leg(one, 80)}, 7));
  world.settle();
  forget_keys();
  const auto again = world.ask(allocation(source, {leg(one, 80)}, 7)); // refused, were it new
  world.settle();
  EXPECT_EQ(*world.answer(again), (allocation_receipt{source, 2, true}));
}

TEST_F(ForgetfulAllocatingTest, AnOldKeyThatWouldPassIsNotSpentTwice) {
  world.ask(allocation(source, {leg(one, 20)}, 7));
  world.settle();
  forget_keys();
  const auto again = world.ask(allocation(source, {leg(one, 20)}, 7));
  world.settle();
  EXPECT_EQ(*world.answer(again), (allocation_receipt{source, 2, true}));
  EXPECT_THAT(entries_of(source, entry_type::allocate_out), ElementsAre(20));
}

TEST_F(ForgetfulAllocatingTest, ARefusalIsRemembered) {
  const auto refused = world.ask(allocation(source, {leg(one, 150)}, 7));
  world.settle();
  EXPECT_EQ(world.answer(refused).code(), errc::insufficient_credits);
  world.put_inbox(source, 1'000);
  absorb(source);

  for (const bool forgotten : {false, true}) {
    if (forgotten) forget_keys();
    const auto again = world.ask(allocation(source, {leg(one, 150)}, 7));
    const auto another = world.ask(allocation(source, {leg(one, 10)}, 7));
    world.settle();
    auto replay = world.answer(refused).why();
    replay.replayed = true;
    EXPECT_EQ(world.answer(again).why(), replay);
    EXPECT_EQ(world.answer(another).code(), errc::idempotency_key_reused);
  }
  const auto fresh = world.ask(allocation(source, {leg(one, 150)}, 8));
  world.settle();
  EXPECT_TRUE(world.answer(fresh).ok());
}

TEST_F(AllocatingAccountTest, ARefusalWithoutAKeyAndARefusedSpendAreNot) {
  world.ask(allocation(source, {leg(one, 150)}));
  const auto refused = world.ask(spend(source, 150, 9));
  world.settle();
  EXPECT_EQ(world.answer(refused).code(), errc::insufficient_credits);
  world.put_inbox(source, 1'000);
  absorb(source);
  const auto again = world.ask(spend(source, 150, 9));
  world.settle();
  EXPECT_TRUE(world.answer(again).ok());
}

TEST_F(AllocatingAccountTest, OneKeyOnTwoAccountsHasOneAnswer) {
  const auto second_source = world.open_with(10);
  const auto allowed = world.ask(allocation(source, {leg(one, 50)}, 7));
  const auto refused = world.ask(allocation(second_source, {leg(one, 50)}, 7));
  world.settle();
  EXPECT_EQ(world.answer(allowed).ok() + world.answer(refused).ok(), 2); // one of them is a replay
  EXPECT_NE(world.answer(allowed)->replayed, world.answer(refused)->replayed);
  EXPECT_THAT(entries_of(source, entry_type::allocate_out), ElementsAre(50));
}

TEST_F(AllocatingAccountTest, AnUnknownOutcomeIsToldByTheKey) {
  for (const auto fault : {unknown_committed, unknown_lost}) {
    const auto from = world.open_with(100);
    const auto key = fault == unknown_lost ? 11u : 12u;
    world.store().next({fault});
    const auto lost = world.ask(allocation(from, {leg(one, 30), leg(other, 20)}, key));
    world.settle();
    EXPECT_EQ(world.answer(lost).code(), errc::outcome_unknown);
    const auto again = world.ask(allocation(from, {leg(one, 30), leg(other, 20)}, key));
    world.settle();
    EXPECT_EQ(world.answer(again)->replayed, fault == unknown_committed);
    EXPECT_THAT(entries_of(from, entry_type::allocate_out), ElementsAre(30, 20));
  }
  absorb(one);
  EXPECT_EQ(available(one), credits{60});
}

TEST_F(AllocatingAccountTest, WhatDoesNotFitComesBack) {
  const auto full = world.open_with(credits::limit);
  const auto command = allocation(source, {leg(full, 30), leg(one, 20)});
  world.ask(command);
  world.settle();
  absorb(full);
  EXPECT_EQ(world.ledger().inbox(command.legs[0].id).refused, errc::amount_out_of_range);
  absorb(source);
  absorb(source);

  EXPECT_EQ(available(source), credits{80});
  EXPECT_THAT(entries_of(source, entry_type::return_in), ElementsAre(30));
  EXPECT_EQ(world.ledger().events(source).back().booked.reference, command.allocation_id);
}

TEST_F(AllocatingAccountTest, WhatComesBackWaitsInTheInboxUntilThereIsRoom) {
  const auto rich = world.open_with(credits::limit);
  const auto full = world.open_with(credits::limit);
  world.ask(allocation(rich, {leg(full, 30)}));
  world.settle();
  absorb(full); // and sends it back
  world.put_inbox(rich, 30);
  absorb(rich);
  absorb(rich);
  EXPECT_EQ(available(rich), credits{credits::limit});
  EXPECT_THAT(entries_of(rich, entry_type::return_in), testing::IsEmpty());

  world.ask(allocation(rich, {leg(one, 50)}));
  world.settle();
  absorb(rich);
  EXPECT_THAT(entries_of(rich, entry_type::return_in), ElementsAre(30));
  EXPECT_EQ(available(rich), credits{credits::limit - 20});
}

TEST_F(AllocatingAccountTest, WhatIsPassedOnBeforeItIsDurableWaitsForIt) {
  world.put_inbox(source, 50);
  available(source);
  world.ask(absorb_inbox{source, {}});
  const auto asked = world.ask(allocation(source, {leg(one, 150)}));
  world.settle();
  EXPECT_TRUE(world.answer(asked).ok());
  absorb(one);
  EXPECT_EQ(available(one), credits{150});
}

/// Both directions at once (the rules of the tree are the gateway's): nobody waits for anybody.
TEST_F(AllocatingAccountTest, TwoThatGiveEachOtherDoNotWaitForEachOther) {
  const auto back = world.open_with(100);
  std::vector<asked<allocation_receipt>> all;
  for (int i = 0; i < 10; ++i) {
    all.push_back(world.ask(allocation(source, {leg(back, 7)})));
    all.push_back(world.ask(allocation(back, {leg(source, 5)})));
    world.ask(absorb_inbox{i % 2 ? source : back, {}});
    world.round();
  }
  world.settle();
  absorb(source);
  absorb(back);
  for (const auto& each : all)
    EXPECT_TRUE(world.answer(each).ok());
  EXPECT_EQ(available(source) + available(back), credits{200});
}

TEST_F(AllocatingAccountTest, ASnapshotKeepsWhatEqualLotsAdded) {
  for (int i = 0; i < 3; ++i) {
    world.ask(allocation(source, {leg(one, 10)}));
    world.settle();
    absorb(one);
    if (i == 1) world.passivate(one);
    world.settle();
  }
  const auto asked = world.ask(balance_query{one, "crm"});
  world.settle();
  ASSERT_EQ(world.answer(asked)->lots.size(), 1u);
  EXPECT_EQ(world.answer(asked)->lots.front().amount, credits{30});
}

/// A leg is an entry, and a row in somebody's inbox.
TEST(AllocationDepthTest, LegsThatWaitedForTheLoadFillTheJournalNoFurtherThanItsBound) {
  actor_world world({.max_depth = 300});
  const auto source = world.open_with(1'000'000);
  const auto receiver = world.open();
  std::vector<asked<allocation_receipt>> all;
  for (std::uint32_t n = 0; n < 1'000; ++n) {
    auto command = allocate({
        {receiver, credits{1}, numbered<inbox_id>(2 * n + 1)},
        {receiver, credits{2}, numbered<inbox_id>(2 * n + 2)},
    });
    command.account = source;
    command.allocation_id = "alloc-" + std::to_string(n);
    all.push_back(world.ask(command));
  }
  world.deliver();
  EXPECT_EQ(world.depth(), 300u);
  world.settle();
  EXPECT_EQ(std::ranges::count_if(all, [&](const auto& each) { return world.answer(each).ok(); }), 75);
  EXPECT_EQ(world.answer(all.back()).code(), errc::overloaded);
}

// What one is refused for, others do not pay for

TEST_F(AllocatingAccountTest, OnlyWhoSendsToADeletedReceiverIsRefused) {
  world.ledger().close_account(one);
  const auto before = world.ask(spend(source, 10));
  const auto refused = world.ask(allocation(source, {leg(other, 5), leg(one, 30)}, 7));
  const auto after = world.ask(spend(source, 60));
  const auto elsewhere = world.ask(allocation(source, {leg(other, 20)}, 8));
  const auto bystander = world.open_with(5);
  const auto theirs = world.ask(spend(bystander, 5));
  world.settle();

  EXPECT_EQ(world.answer(refused).code(), errc::entity_closed);
  EXPECT_TRUE(world.answer(before).ok());
  EXPECT_TRUE(world.answer(after).ok());
  EXPECT_TRUE(world.answer(elsewhere).ok());
  EXPECT_TRUE(world.answer(theirs).ok());
  EXPECT_EQ(available(source), credits{10});
  EXPECT_EQ(world.figures().retirements, 0u);
}

TEST_F(ForgetfulAllocatingTest, ThatTheReceiverIsGoneIsRemembered) {
  world.ledger().close_account(one);
  for (const bool forgotten : {false, true}) {
    if (forgotten) forget_keys();
    const auto asked = world.ask(allocation(source, {leg(one, 30)}, 7));
    world.settle();
    EXPECT_EQ(world.answer(asked).code(), errc::entity_closed);
    EXPECT_EQ(world.answer(asked).why().replayed, forgotten);
  }
}

TEST_F(AllocatingAccountTest, OfSeveralThatTheLedgerRefusesAlwaysEachIsTold) {
  world.store().refuse(source);
  std::vector<asked<consume_receipt>> asked;
  for (int i = 0; i < 5; ++i)
    asked.push_back(world.ask(spend(source, 1)));
  world.settle();
  for (const auto& each : asked)
    EXPECT_EQ(world.answer(each).code(), errc::database_unavailable);
}

TEST_F(AllocatingAccountTest, OneThatTheLedgerRefusesLeavesTheOthers) {
  world.store().next({refused, none, refused}); // the round; then, one by one, the second
  const auto first = world.ask(spend(source, 1));
  const auto second = world.ask(spend(source, 2));
  const auto third = world.ask(spend(source, 4));
  const auto fourth = world.ask(spend(source, 8));
  world.settle();
  EXPECT_EQ(world.answer(second).code(), errc::database_unavailable);
  for (const auto& each : {first, third, fourth})
    EXPECT_TRUE(world.answer(each).ok());
  EXPECT_THAT(spends_of(source), ElementsAre(1, 4, 8));
}

} // namespace
} // namespace tessera::test
