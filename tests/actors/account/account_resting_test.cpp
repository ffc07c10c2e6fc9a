#include "actors/cluster/lease.hpp"
#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

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

TEST_F(AccountTest, ARefusalNeedsALiveLeaseBecauseNothingElseProvesIt) {
  const auto account = world.open_with(100);
  world.ownership().extend(lease::now() - 1ms);
  const auto refused = world.ask(spend(account, 101));
  world.settle();

  EXPECT_EQ(world.answer(refused).code(), errc::not_owner);
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

} // namespace
} // namespace tessera::test
