#include "actors/account/recent_reversals.hpp"
#include "tests/actors/account/account_fixture.hpp"
#include "tests/support/reversible.hpp"

namespace tessera::test {
namespace {

using enum journal_fault;
using namespace std::chrono_literals;

/// One account with a lot of 100, of which 60 were spent by the entry 2.
class ReversingAccountTest : public AccountTest {
protected:
  ReversingAccountTest() {
    world.ask(spend(account, 60));
    world.settle();
  }

  reversible_spend read() { return read_spend(world.ledger(), account, 2); }

  reverse_spend keyed(reverse_spend command, std::uint32_t key) {
    command.idempotency =
        a_key(key, command.amount ? static_cast<std::uint32_t>(command.amount->value()) : 0);
    return command;
  }

  std::vector<std::int64_t> reversals() {
    std::vector<std::int64_t> units;
    for (const auto& event : world.ledger().events(account))
      if (event.booked.type == entry_type::reverse) units.push_back(event.booked.units.value());
    return units;
  }

  void rest_and_wake() {
    world.passivate(account);
    world.settle();
    available(account);
  }

  const account_id account = world.open_with(100);
};

TEST_F(ReversingAccountTest, GivesBackWhatASpendTook) {
  const auto part = world.ask(reversal_of(read(), 20));
  world.settle();
  const auto rest = world.ask(reversal_of(read()));
  world.settle();

  EXPECT_EQ(world.answer(part)->amount, credits{20});
  EXPECT_EQ(world.answer(part)->available, credits{60});
  EXPECT_EQ(world.answer(rest)->amount, credits{40});
  EXPECT_EQ(available(account), credits{100});
}

TEST_F(ReversingAccountTest, OfManyThatReadTheSameOneHappens) {
  const auto seen = read();
  std::vector<asked<reversal_receipt>> asked;
  for (int i = 0; i < 5; ++i)
    asked.push_back(world.ask(reversal_of(seen)));
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked.back())); // it rests on what is pending
  world.settle();

  EXPECT_TRUE(world.answer(asked.front()).ok());
  for (std::size_t i = 1; i < asked.size(); ++i)
    EXPECT_EQ(world.answer(asked[i]).code(), errc::reversed_meanwhile);
  EXPECT_THAT(reversals(), testing::ElementsAre(60));
  const auto again = world.ask(reversal_of(read(), 1));
  world.settle();
  EXPECT_EQ(world.answer(again).code(), errc::nothing_to_reverse);
}

TEST_F(ReversingAccountTest, ReversalsOfOtherSpendsDoNotDisturb) {
  const auto other = world.ask(spend(account, 10));
  world.settle();
  const auto seen = read();
  const auto first = world.ask(reversal_of(read_spend(world.ledger(), account, world.answer(other)->seq)));
  const auto second = world.ask(reversal_of(seen));
  world.settle();

  EXPECT_TRUE(world.answer(first).ok());
  EXPECT_TRUE(world.answer(second).ok());
  EXPECT_EQ(available(account), credits{100});
}

TEST_F(ReversingAccountTest, DoesNotTrustWhatWasReadBeforeItWokeUp) {
  const auto seen = read();
  world.ask(spend(account, 1));
  world.settle();
  rest_and_wake();
  const auto stale = world.ask(reversal_of(seen));
  world.settle();
  const auto fresh = world.ask(reversal_of(read()));
  world.settle();

  EXPECT_EQ(world.answer(stale).code(), errc::reversed_meanwhile);
  EXPECT_TRUE(world.answer(fresh).ok());
}

/// As if another owner had written: the account learns it from what was read in the ledger.
TEST_F(ReversingAccountTest, GoesWhereTheLedgerHasGoneOnWithoutIt) {
  auto beyond = read();
  beyond.as_of += 1;
  const auto outrun = world.ask(reversal_of(beyond));
  world.settle();
  const auto again = world.ask(reversal_of(read()));
  world.settle();

  EXPECT_EQ(world.answer(outrun).code(), errc::outcome_unknown);
  EXPECT_EQ(world.figures().retirements, 1u);
  EXPECT_TRUE(world.answer(again).ok());
  EXPECT_THAT(reversals(), testing::ElementsAre(60));
}

/// Of an entry that is no spend nothing is known, and nobody knows more.
TEST_F(ReversingAccountTest, OfNoSpendThereIsNothingToReverse) {
  reversible_spend none;
  none.spent = {account, 1};
  none.as_of = UINT64_MAX;
  const auto asked = world.ask(reversal_of(none));
  world.settle();

  EXPECT_EQ(world.answer(asked).code(), errc::nothing_to_reverse);
  EXPECT_EQ(world.figures().retirements, 0u);
  EXPECT_EQ(available(account), credits{40});
}

TEST_F(ReversingAccountTest, WhatWasRolledBackMayBeReversedAgain) {
  world.store().next({unavailable});
  const auto lost = world.ask(reversal_of(read()));
  world.settle();
  const auto again = world.ask(reversal_of(read()));
  world.settle();

  EXPECT_EQ(world.answer(lost).code(), errc::database_unavailable);
  EXPECT_TRUE(world.answer(again).ok());
  EXPECT_THAT(reversals(), testing::ElementsAre(60));
}

TEST_F(ReversingAccountTest, ALotThatWasEmptiedComesBackAsItself) {
  world.ask(spend(account, 40));
  world.settle();
  const auto lot = world.ledger().events(account)[1].opened.front().id;
  const auto reversed = world.ask(reversal_of(read(), 25));
  world.settle();
  ASSERT_TRUE(world.answer(reversed).ok());
  for (int i = 0; i < 2; ++i) { // as it is, and after it was read from the ledger
    const auto seen = world.ask(balance_query{account, "crm"});
    world.settle();
    ASSERT_EQ(world.answer(seen)->lots.size(), 1u);
    EXPECT_EQ(world.answer(seen)->lots.front().id, lot);
    EXPECT_EQ(world.answer(seen)->lots.front().free, credits{25});
    rest_and_wake();
  }
}

TEST_F(ReversingAccountTest, AKeyHasItsFirstAnswerForEver) {
  const auto first = world.ask(keyed(reversal_of(read(), 20), 1));
  world.settle();
  const auto refused = world.ask(keyed(reversal_of(read(), 50), 2));
  world.settle();
  rest_and_wake();
  const auto again = world.ask(keyed(reversal_of(read(), 20), 1));
  const auto refused_again = world.ask(keyed(reversal_of(read(), 50), 2));
  const auto other = world.ask(keyed(reversal_of(read(), 21), 1));
  world.settle();

  EXPECT_FALSE(world.answer(first)->replayed);
  EXPECT_TRUE(world.answer(again)->replayed);
  EXPECT_EQ(world.answer(again)->seq, world.answer(first)->seq);
  EXPECT_EQ(world.answer(refused).code(), errc::nothing_to_reverse);
  EXPECT_EQ(world.answer(refused).why().would_allow, credits{40});
  EXPECT_TRUE(world.answer(refused_again).why().replayed);
  EXPECT_EQ(world.answer(other).code(), errc::idempotency_key_reused);
  EXPECT_THAT(reversals(), testing::ElementsAre(20));
}

TEST_F(ReversingAccountTest, OthersSpendsAreForAdministrators) {
  auto stranger = reversal_of(read());
  stranger.requested_by.id = "key-2";
  auto administrator = stranger;
  administrator.administers = true;
  const auto refused = world.ask(stranger);
  const auto allowed = world.ask(administrator);
  world.settle();
  EXPECT_EQ(world.answer(refused).code(), errc::not_the_spender);
  EXPECT_TRUE(world.answer(allowed).ok());
}

// Simulating

TEST_F(ReversingAccountTest, ASimulationSaysWhatWouldHappenAndChangesNothing) {
  const auto before = world.ledger().events(account).size();
  const auto spent = world.ask(simulate_command{account, spend(account, 30), {}});
  const auto too_much = world.ask(simulate_command{account, spend(account, 41), {}});
  const auto reversed = world.ask(simulate_command{account, reversal_of(read(), 10), {}});
  world.settle();

  ASSERT_TRUE(world.answer(spent).ok());
  EXPECT_EQ(world.answer(spent)->events.back().booked.after.available, credits{10});
  EXPECT_EQ(world.answer(spent)->would_allow, credits{40});
  EXPECT_EQ(world.answer(too_much).code(), errc::insufficient_credits);
  EXPECT_EQ(world.answer(too_much).why().would_allow, credits{40});
  EXPECT_EQ(world.answer(reversed)->would_allow, credits{60});
  EXPECT_EQ(world.ledger().events(account).size(), before);
  EXPECT_EQ(available(account), credits{40});
}

TEST_F(ReversingAccountTest, ASimulationShowsNothingThatIsNotDurable) {
  world.ask(spend(account, 40));
  const auto asked = world.ask(simulate_command{account, spend(account, 40), {}});
  world.deliver();
  ASSERT_TRUE(world.is_answered(asked));
  EXPECT_TRUE(world.answer(asked).ok());
  world.settle();
}

TEST_F(ReversingAccountTest, AWithdrawnReversalIsForgottenAndNoOther) {
  recent_reversals known;
  reversible_spend spend;
  spend.spent.seq = 2;
  known.begin_at(3);
  known.note(2, 5);
  known.note(2, 9);
  known.go_back_to(7);
  spend.as_of = 5;
  EXPECT_TRUE(known.are_known(spend));
  spend.as_of = 4;
  EXPECT_FALSE(known.are_known(spend));
  known.go_back_to(4);
  EXPECT_TRUE(known.are_known(spend));
}

TEST_F(ReversingAccountTest, WhatComesBackRepaysADebtBeforeTheCallerIsTold) {
  instruction asked;
  asked.account = account;
  asked.kind = inbox_kind::claw_back;
  asked.wanted = credits{55}; // 40 are there
  asked.reference = "pur-1";
  world.put_inbox(std::move(asked));
  world.ask(absorb_inbox{account, {}});
  world.settle();
  const auto first = world.ask(keyed(reversal_of(read(), 20), 1));
  world.settle();
  const auto again = world.ask(keyed(reversal_of(read(), 20), 1));
  world.settle();

  EXPECT_EQ(world.answer(first)->available, credits{5});
  EXPECT_EQ(world.answer(again)->available, credits{5});
  EXPECT_TRUE(world.answer(again)->replayed);
}

TEST_F(ReversingAccountTest, ToAnEntityThatIsGoneNothingComesBack) {
  available(account);
  world.ledger().close_account(account);
  const auto refused = world.ask(keyed(reversal_of(read(), 20), 1));
  const auto other = world.ask(spend(account, 1));
  world.settle();
  EXPECT_EQ(world.answer(refused).code(), errc::entity_closed);
  EXPECT_TRUE(world.answer(other).ok());
}

} // namespace
} // namespace tessera::test
