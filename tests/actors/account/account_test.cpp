#include "actors/account/key_window.hpp"
#include "actors/cluster/lease.hpp"
#include "tests/support/actor_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tessera::test {
namespace {

using enum journal_fault;
using namespace std::chrono_literals;
using testing::ElementsAre;

consume_credits spend(const account_id& account, std::int64_t amount, std::uint32_t key = 0) {
  auto command = consume(amount);
  command.account = account;
  if (key != 0) command.idempotency = a_key(key, static_cast<std::uint32_t>(amount));
  return command;
}

class AccountTest : public testing::Test {
protected:
  /// What the ledger holds, as the units of each entry after the genesis and the lots.
  std::vector<std::int64_t> spends_of(const account_id& account) {
    std::vector<std::int64_t> units;
    for (const auto& event : world.ledger().events(account))
      if (event.booked.type == entry_type::spend) units.push_back(event.booked.units.value());
    return units;
  }

  credits available(const account_id& account) {
    const auto asked = world.ask(balance_query{account, "crm"});
    world.deliver();
    return world.answer(asked)->usable;
  }

  /// A key that is in the ledger and that no node remembers.
  void spend_long_ago(const account_id& account, std::int64_t amount, std::uint32_t key) {
    ledger_author author(world.ledger().load(std::vector{account}).front());
    const auto writes = author.spend(amount, a_key(key, static_cast<std::uint32_t>(amount)));
    const write_set* round[] = {&writes};
    ASSERT_EQ(world.ledger().append(round).status, persistence::append_status::committed);
  }

  void TearDown() override {
    world.settle();
    EXPECT_EQ(world.unanswered(), 0u);
    EXPECT_EQ(world.answered_twice(), 0u);
    EXPECT_EQ(world.depth(), 0u);
  }

  actor_world world;
};

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

// Ownership

TEST_F(AccountTest, DoesNothingWhenTheAccountsBelongToAnotherNode) {
  const auto account = world.open_with(100);
  world.ownership().lose();
  const auto spent = world.ask(spend(account, 10));
  const auto expired = world.ask(expire_lots{account, {}});
  const auto read = world.ask(balance_query{account, {}});
  world.settle();

  EXPECT_EQ(world.answer(spent).code(), errc::not_owner);
  EXPECT_EQ(world.answer(expired).code(), errc::not_owner);
  EXPECT_EQ(world.answer(read).code(), errc::not_owner);
}

TEST_F(AccountTest, ReadsNeedALiveLeaseAndSpendsDoNot) {
  const auto account = world.open_with(100);
  world.ownership().extend(lease::now() - 1ms);
  const auto read = world.ask(balance_query{account, {}});
  const auto spent = world.ask(spend(account, 10));
  world.settle();

  EXPECT_EQ(world.answer(read).code(), errc::not_owner);
  EXPECT_TRUE(world.answer(spent).ok());
}

TEST_F(AccountTest, AReadThatWaitedForTheLoadNeedsALiveLeaseToo) {
  const auto account = world.open_with(100);
  const auto read = world.ask(balance_query{account, {}});
  world.step_actor();
  world.ownership().extend(lease::now() - 1ms);
  world.deliver();

  EXPECT_EQ(world.answer(read).code(), errc::not_owner);
}

// Waking up and going to rest

TEST_F(AccountTest, DoesNotExistWithoutAGenesis) {
  const auto nobody = numbered<account_id>(999);
  const auto spent = world.ask(spend(nobody, 1));
  const auto read = world.ask(balance_query{nobody, {}});
  const auto absorbed = world.ask(absorb_inbox{nobody, {}});
  const auto expired = world.ask(expire_lots{nobody, {}});
  world.settle();

  EXPECT_EQ(world.answer(spent).code(), errc::entity_unknown);
  EXPECT_EQ(world.answer(read).code(), errc::entity_unknown);
  EXPECT_EQ(world.answer(absorbed).code(), errc::entity_unknown);
  EXPECT_EQ(world.answer(expired).code(), errc::entity_unknown);
  EXPECT_EQ(world.live_accounts(), 0u);
}

TEST_F(AccountTest, TriesAgainAfterALoadThatFailed) {
  const auto account = world.open_with(100);
  world.fail_loads(1);
  const auto first = world.ask(spend(account, 30));
  world.settle();
  const auto second = world.ask(spend(account, 30));
  world.settle();

  EXPECT_EQ(world.answer(first).code(), errc::database_unavailable);
  EXPECT_TRUE(world.answer(second).ok());
}

TEST_F(AccountTest, KeepsTheOrderOfWhatArrivedWhileItWasLoading) {
  const auto account = world.open_with(100);
  const auto first = world.ask(spend(account, 60));
  const auto too_much = world.ask(spend(account, 50));
  const auto rest = world.ask(spend(account, 40));
  while (world.step_actor()) {
  }
  EXPECT_EQ(world.depth(), 0u); // all three wait for the load
  world.settle();

  EXPECT_EQ(world.answer(first)->seq, 2u);
  EXPECT_EQ(world.answer(too_much).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(rest)->seq, 3u);
}

TEST_F(AccountTest, WakesUpFromASnapshotAndTheEntriesAfterIt) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 10));
  world.settle();
  world.save_snapshot(account);
  world.settle();
  world.ask(spend(account, 20));
  world.settle();
  EXPECT_EQ(world.ledger().snapshot(account).seq, 2u);

  const auto before = available(account);
  world.passivate(account);
  world.settle();
  EXPECT_EQ(world.live_accounts(), 0u);
  EXPECT_EQ(world.ledger().snapshot(account).seq, 3u);
  EXPECT_EQ(available(account), before);
}

TEST_F(AccountTest, WritesASnapshotOnlyWhenSomethingChanged) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 10));
  world.settle();
  EXPECT_FALSE(world.step_snapshot());
  world.save_snapshot(account);
  EXPECT_TRUE(world.step_actor());
  EXPECT_TRUE(world.step_snapshot());
  world.save_snapshot(account);
  EXPECT_TRUE(world.step_actor());
  EXPECT_FALSE(world.step_snapshot());
  EXPECT_EQ(restore(world.ledger().snapshot(account)), fold(world.ledger().events(account)));
}

TEST_F(AccountTest, SnapshotsShowOnlyWhatIsDurable) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 10));
  world.settle();
  world.ask(spend(account, 20));
  world.deliver();
  world.save_snapshot(account);
  world.deliver();
  EXPECT_EQ(world.ledger().snapshot(account).seq, 2u);
}

TEST_F(AccountTest, RestsOnlyWhenNobodyWaits) {
  const auto account = world.open_with(100);
  world.ask(spend(account, 10));
  world.deliver();
  world.passivate(account);
  world.deliver();
  EXPECT_EQ(world.live_accounts(), 1u); // pending

  world.round();
  world.passivate(account, 1h);
  world.deliver();
  EXPECT_EQ(world.live_accounts(), 1u); // used lately

  world.ask(spend(account, 1000, 1));
  world.deliver();
  world.passivate(account);
  world.deliver();
  EXPECT_EQ(world.live_accounts(), 1u); // looking a key up

  world.settle();
  world.passivate(account);
  world.deliver();
  EXPECT_EQ(world.live_accounts(), 0u);
  EXPECT_EQ(world.figures().passivations, 1u);
}

TEST_F(AccountTest, BouncesWhatReachesItAfterItWentToRest) {
  const auto account = world.open_with(100);
  const auto old = world.actor_of(account);
  world.ask(spend(account, 10));
  world.settle();
  world.passivate(account);
  const auto too_late = world.ask(*old, spend(account, 20)); // in the mailbox of who goes
  const auto through_placement = world.ask(spend(account, 30));
  world.settle();

  EXPECT_TRUE(world.is_bounced(too_late));
  EXPECT_EQ(world.answer(through_placement)->available, credits{60});
  const auto afterwards = world.ask(*old, spend(account, 20));
  EXPECT_TRUE(world.is_bounced(afterwards));
  EXPECT_FALSE(world.is_same(*old, *world.actor_of(account)));
  EXPECT_THAT(spends_of(account), ElementsAre(10, 30));
}

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
