#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class HoldingAccountTest : public AccountTest {
protected:
  /// The key `key`, if there is one, stands for this amount.
  hold_credits holding(std::int64_t amount, std::uint32_t key = 0) {
    auto command = hold(amount, 60s);
    command.account = account;
    if (key != 0) command.idempotency = a_key(key, static_cast<std::uint32_t>(amount));
    return command;
  }
  capture_hold capturing(std::uint64_t seq, std::int64_t amount, std::uint32_t key = 0) {
    auto command = capture(seq, amount);
    command.account = account;
    if (key != 0) command.idempotency = a_key(key, static_cast<std::uint32_t>(amount));
    return command;
  }
  std::uint64_t open_hold(std::int64_t amount) {
    const auto asked = world.ask(holding(amount));
    world.settle();
    return world.answer(asked)->opened.seq;
  }
  std::vector<std::int64_t> entries_of(entry_type type) {
    std::vector<std::int64_t> units;
    for (const auto& event : world.ledger().events(account))
      if (event.booked.type == type) units.push_back(event.booked.units.value());
    return units;
  }
  void rest_and_wake() {
    world.passivate(account);
    world.settle();
    EXPECT_EQ(world.live_accounts(), 0u);
  }

  account_id account = world.open_with(100);
};

TEST_F(HoldingAccountTest, AnswersWhenItIsDurable) {
  const auto asked = world.ask(holding(60));
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  EXPECT_EQ(available(account), credits{100}) << "readers see what is durable";
  world.settle();

  const auto& receipt = *world.answer(asked);
  EXPECT_EQ(receipt.opened, (entry_place{account, 2}));
  EXPECT_EQ(receipt.mark.state, hold_state::open);
  EXPECT_EQ(receipt.available, credits{40});
  EXPECT_EQ(sum_of(receipt.taken), credits{60});
  EXPECT_EQ(available(account), credits{40});
}

TEST_F(HoldingAccountTest, ACaptureMayFollowBeforeTheHoldIsDurable) {
  const auto held = world.ask(holding(60));
  const auto captured = world.ask(capturing(2, 50));
  const auto spent = world.ask(spend(account, 51));
  world.settle();

  EXPECT_TRUE(world.answer(held).ok());
  EXPECT_EQ(world.answer(captured)->mark.captured, credits{50});
  EXPECT_EQ(sum_of(world.answer(captured)->taken), credits{60});
  EXPECT_EQ(world.answer(spent).why().would_allow, credits{50});
}

TEST_F(HoldingAccountTest, OpenHoldsOutliveARest) {
  const auto first = open_hold(30);
  const auto second = open_hold(20);
  auto partly = capturing(first, 10);
  partly.final = false;
  world.ask(partly);
  world.settle();
  rest_and_wake();

  EXPECT_EQ(available(account), credits{50});
  const auto captured = world.ask(capturing(first, 20));
  const auto too_much = world.ask(capturing(second, 21));
  world.settle();
  EXPECT_EQ(world.answer(captured)->mark.captured, credits{30});
  EXPECT_EQ(world.answer(captured)->mark.state, hold_state::captured);
  EXPECT_EQ(world.answer(too_much).code(), errc::capture_exceeds_hold);
}

TEST_F(HoldingAccountTest, ARepeatedKeyNamesTheEntryOfTheFirst) {
  const auto first = world.ask(holding(60, 1));
  const auto pending = world.ask(holding(60, 1));
  const auto other = world.ask(holding(61, 1));
  world.settle();
  const auto captured = world.ask(capturing(2, 50, 2));
  world.settle();
  rest_and_wake();
  const auto later = world.ask(capturing(2, 50, 2));
  world.settle();

  EXPECT_FALSE(world.answer(first)->replayed);
  EXPECT_TRUE(world.answer(pending)->replayed);
  EXPECT_EQ(world.answer(pending)->seq, 2u);
  EXPECT_EQ(world.answer(other).code(), errc::idempotency_key_reused);
  EXPECT_TRUE(world.answer(later)->replayed);
  EXPECT_EQ(world.answer(later)->seq, world.answer(captured)->seq);
  EXPECT_THAT(entries_of(entry_type::capture), ElementsAre(50));
}

TEST_F(HoldingAccountTest, ACaptureThatNobodyRemembersIsLookedUpBeforeItIsRefused) {
  ledger_author author(world.ledger().load(std::vector{account}).front());
  const auto opened = author.hold(60, 60s);
  const auto seq = author.account().seq;
  auto captured = author.capture(seq, 60);
  captured.events.back().booked.idempotency = a_key(7, 60);
  for (const auto& set : {opened, captured}) {
    const write_set* round[] = {&set};
    ASSERT_EQ(world.ledger().append(round).status, persistence::append_status::committed);
  }

  const auto again = world.ask(capturing(seq, 60, 7));
  const auto fresh = world.ask(capturing(seq, 60, 8));
  world.settle();

  EXPECT_TRUE(world.answer(again)->replayed);
  EXPECT_EQ(world.answer(again)->seq, seq + 1);
  EXPECT_EQ(world.answer(fresh).code(), errc::hold_not_open);
}

TEST_F(HoldingAccountTest, ARefusalIsNotRemembered) {
  const auto refused = world.ask(holding(101, 1));
  world.settle();
  EXPECT_EQ(world.answer(refused).code(), errc::insufficient_credits);
  world.put_inbox(account, 50);
  world.ask(absorb_inbox{account, {}});
  world.settle();
  const auto again = world.ask(holding(101, 1));
  world.settle();
  EXPECT_TRUE(world.answer(again).ok());
}

TEST_F(HoldingAccountTest, ARefusalWaitsForWhatItRestsOn) {
  world.ask(holding(60));
  const auto no = world.ask(spend(account, 41));
  world.deliver();
  EXPECT_FALSE(world.is_answered(no));
  world.settle();
  EXPECT_EQ(world.answer(no).why().would_allow, credits{40});
}

TEST_F(HoldingAccountTest, WhatWasRolledBackIsDecidedAgain) {
  available(account); // it is awake, and knows nothing of the key
  const auto elsewhere = world.open_with(10);
  spend_long_ago(elsewhere, 5, 1);
  const auto held = world.ask(holding(60));
  const auto captured = world.ask(capturing(2, 10));
  const auto old = world.ask(spend(account, 5, 1)); // the round meets its key
  world.settle();

  EXPECT_TRUE(world.answer(held).ok());
  EXPECT_TRUE(world.answer(captured).ok());
  EXPECT_TRUE(world.answer(old)->replayed);
  EXPECT_EQ(available(account), credits{90});
  EXPECT_THAT(entries_of(entry_type::hold), ElementsAre(60));
}

TEST_F(HoldingAccountTest, IsRemindedOfWhatIsOver) {
  open_hold(60);
  world.time().pass(61s);
  const auto told = world.ask(expire_lots{account, {}});
  world.settle();

  EXPECT_EQ(world.answer(told)->expired, credits{0});
  EXPECT_THAT(entries_of(entry_type::release), ElementsAre(60));
  rest_and_wake();
  EXPECT_EQ(available(account), credits{100});
}

TEST_F(HoldingAccountTest, IsOverForReadersAtOnce) {
  open_hold(60);
  world.time().pass(60s);
  EXPECT_EQ(available(account), credits{100});
  EXPECT_THAT(entries_of(entry_type::release), IsEmpty());
}

} // namespace
} // namespace tessera::test
