#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AlertingAccountTest : public AccountTest {
protected:
  /// What was told, `amount@seq`; `0`: that nothing is left.
  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (const auto& each : world.ledger().alerts())
      all.push_back((each.fell_to ? to_string(*each.fell_to) : "0") + "@" + std::to_string(each.seq));
    return all;
  }
  errc spend_some(std::int64_t amount, std::uint32_t key = 0) {
    const auto asked = world.ask(spend(account, amount, key));
    world.settle();
    return world.answer(asked).code();
  }
  void choose(std::vector<alert_threshold> thresholds) {
    world.ledger().put_thresholds(account, std::move(thresholds));
    world.ask(absorb_inbox{account, {}});
    world.settle();
  }

  account_id account = world.open_with(100);
};

TEST_F(AlertingAccountTest, IsToldInTheRoundOfTheEntry) {
  world.ledger().put_thresholds(account, {{credits{40}, 0}});
  world.ask(spend(account, 30));
  world.ask(spend(account, 35));
  world.deliver();
  EXPECT_THAT(told(), IsEmpty());
  world.settle();
  EXPECT_THAT(told(), ElementsAre("40@3"));
  EXPECT_EQ(spend_some(35), errc::ok);
  EXPECT_THAT(told(), ElementsAre("40@3", "0@4"));
}

TEST_F(AlertingAccountTest, WhatIsChosenCountsFromTheNudgeOn) {
  EXPECT_EQ(spend_some(70), errc::ok);
  EXPECT_THAT(told(), IsEmpty());
  choose({{credits{40}, 0}, {credits{20}, 0}});
  EXPECT_EQ(spend_some(5), errc::ok) << "it was low already: no fall";
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(spend_some(5), errc::ok);
  EXPECT_THAT(told(), ElementsAre("20@4"));
  choose({});
  world.put_inbox(account, 50);
  choose({});
  EXPECT_EQ(spend_some(60), errc::ok);
  EXPECT_THAT(told(), ElementsAre("20@4"));
}

TEST_F(AlertingAccountTest, ARestForgetsNothingAndTellsNothingAgain) {
  world.ledger().put_thresholds(account, {{credits{40}, 0}});
  EXPECT_EQ(spend_some(60), errc::ok);
  world.passivate(account);
  world.settle();
  EXPECT_EQ(world.live_accounts(), 0u);
  EXPECT_EQ(spend_some(10), errc::ok);
  EXPECT_THAT(told(), ElementsAre("40@2"));
}

/// The round is durable, and its answer is lost: the account starts anew.
TEST_F(AlertingAccountTest, WhenNobodyKnowsWhetherItHappenedItIsToldOnce) {
  world.ledger().put_thresholds(account, {{credits{40}, 0}});
  world.store().next({journal_fault::unknown_committed});
  EXPECT_EQ(spend_some(60, 1), errc::outcome_unknown);
  EXPECT_EQ(spend_some(60, 1), errc::ok) << "the first answer";
  EXPECT_EQ(spend_some(10), errc::ok);
  EXPECT_THAT(told(), ElementsAre("40@2"));
}

TEST_F(AlertingAccountTest, WhatDidNotHappenIsNotTold) {
  world.ledger().put_thresholds(account, {{credits{40}, 0}});
  world.store().next({journal_fault::unavailable});
  EXPECT_EQ(spend_some(60), errc::database_unavailable);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(spend_some(60), errc::ok);
  EXPECT_THAT(told(), ElementsAre("40@2"));
}

/// Another one's key is refused: what follows is decided again, and falls where it falls then.
TEST_F(AlertingAccountTest, WhatIsDecidedAgainIsToldAsItHappened) {
  world.ledger().put_thresholds(account, {{credits{40}, 0}});
  spend_long_ago(account, 10, 7);
  world.ask(spend(account, 55, 1));
  const auto repeated = world.ask(spend(account, 10, 7));
  const auto last = world.ask(spend(account, 5, 2));
  world.settle();
  EXPECT_TRUE(world.answer(repeated)->replayed);
  EXPECT_EQ(world.answer(last).code(), errc::ok);
  EXPECT_EQ(available(account), credits{30});
  EXPECT_THAT(told(), ElementsAre("40@3"));
}

} // namespace
} // namespace tessera::test
