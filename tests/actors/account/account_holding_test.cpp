#include "actors/account/key_window.hpp"
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

/// An account with 100 free units for "crm", of which 60 are held and 70 are clawed back: it owes 30.
class IndebtedHoldTest : public HoldingAccountTest {
protected:
  IndebtedHoldTest() {
    open_hold(60);
    instruction asked;
    asked.account = account;
    asked.kind = inbox_kind::claw_back;
    asked.wanted = credits{70};
    asked.reference = "pur-1";
    world.put_inbox(std::move(asked));
    world.ask(absorb_inbox{account, {}});
    world.settle();
    EXPECT_EQ(world.ledger().last(account).after.debt, credits{30});
  }
  void forget_keys() {
    rest_and_wake();
    for (std::uint32_t each = 0; each < 80'000; ++each)
      world.keys().remember({.idempotency = a_key(900'000 + each), .account = {}, .would_allow = {}});
  }
};

TEST_F(IndebtedHoldTest, ACallerIsToldWhatIsLeftWhenTheDebtIsRepaid) {
  const auto first = world.ask(capturing(2, 20, 1));
  const auto running = world.ask(capturing(2, 20, 1));
  world.settle();
  const auto remembered = world.ask(capturing(2, 20, 1));
  world.settle();
  forget_keys();
  const auto looked_up = world.ask(capturing(2, 20, 1));
  world.settle();

  EXPECT_EQ(available(account), credits{10}) << "40 came back, and 30 were owed";
  for (const auto& each : {first, running, remembered, looked_up}) {
    ASSERT_TRUE(world.answer(each).ok());
    EXPECT_EQ(world.answer(each)->available, credits{10});
  }
  EXPECT_TRUE(world.answer(looked_up)->replayed);
}

TEST_F(IndebtedHoldTest, ASimulationSaysSoToo) {
  release_hold command;
  command.account = account;
  command.hold = 2;
  command.application = "crm";
  command.requested_by = holding(1).requested_by;
  const auto told = world.ask(simulate_command{account, command, {}});
  world.settle();
  ASSERT_TRUE(world.answer(told).ok());
  EXPECT_EQ(world.answer(told)->available, credits{30});
}

// Who

TEST_F(HoldingAccountTest, WhoseItIsIsAskedBeforeTheKey) {
  open_hold(60);
  auto partly = capturing(2, 10, 1);
  partly.final = false;
  world.ask(partly);
  world.settle();
  auto by_another = partly;
  by_another.requested_by.id = "key_of_another";
  const auto repeated = world.ask(by_another);
  by_another.administers = true;
  const auto administered = world.ask(by_another);
  world.settle();

  EXPECT_EQ(world.answer(repeated).code(), errc::not_the_holder);
  EXPECT_TRUE(world.answer(administered)->replayed);
}

TEST_F(HoldingAccountTest, ManyThatAreOverAreBookedWhenSomebodyAsksWhatWouldHappen) {
  for (int i = 0; i < 100; ++i)
    world.ask(holding(1));
  world.settle();
  world.time().pass(61s);
  auto asked = spend(account, 1);
  for (int i = 0; i < 2; ++i) {
    const auto told = world.ask(simulate_command{account, asked, {}});
    world.settle();
    ASSERT_TRUE(world.answer(told).ok());
    EXPECT_EQ(world.answer(told)->events.size(), i == 0 ? 101u : 1u);
  }
  EXPECT_EQ(entries_of(entry_type::release).size(), 100u);
}

// Reminders

class RemindedAccountTest : public HoldingAccountTest {
protected:
  std::optional<time_point> reminder() {
    return world.ledger().load(std::vector{account}).front().reminder.at;
  }
  void hold_for(std::chrono::seconds ttl) {
    auto command = holding(1);
    command.ttl = ttl;
    world.ask(command);
    world.settle();
  }
  void look() {
    world.ask(expire_lots{account, {}});
    world.settle();
  }
};

TEST_F(RemindedAccountTest, TheFirstHoldThatEndsIsRememberedForSupervisors) {
  EXPECT_EQ(reminder(), std::nullopt);
  hold_for(60s);
  const auto first = *reminder();
  EXPECT_EQ(first, world.ledger().last(account).hold->ends_at);
  hold_for(90s);
  EXPECT_EQ(reminder(), first);
  hold_for(30s);
  EXPECT_LT(reminder(), first);
}

TEST_F(RemindedAccountTest, WhenItIsTimeTheNextOneIs) {
  hold_for(30s);
  hold_for(60s);
  const auto second = world.ledger().last(account).hold->ends_at;
  world.time().pass(31s);
  look();
  EXPECT_THAT(entries_of(entry_type::release), ElementsAre(1));
  EXPECT_EQ(reminder(), second);
  world.time().pass(31s);
  look();
  EXPECT_EQ(reminder(), std::nullopt);
}

TEST_F(RemindedAccountTest, OfHoldsThatWereCapturedNothingIsBooked) {
  hold_for(30s);
  world.ask(capturing(2, 1));
  world.settle();
  const auto end = *reminder();
  rest_and_wake();
  look();
  EXPECT_EQ(reminder(), end) << "it is not time yet";
  world.time().pass(31s);
  const auto entries = world.ledger().events(account).size();
  look();
  EXPECT_EQ(reminder(), std::nullopt);
  EXPECT_EQ(world.ledger().events(account).size(), entries);
}

TEST_F(RemindedAccountTest, WhatWasRolledBackIsWrittenByTheNext) {
  world.store().next({journal_fault::unavailable});
  hold_for(30s);
  EXPECT_EQ(reminder(), std::nullopt);
  hold_for(60s);
  EXPECT_EQ(reminder(), world.ledger().last(account).hold->ends_at);
}

} // namespace
} // namespace tessera::test
