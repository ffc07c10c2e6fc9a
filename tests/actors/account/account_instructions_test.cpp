#include "actors/cluster/lease.hpp"
#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using enum journal_fault;
using namespace std::chrono_literals;

/// An account with a lot of 100, and another one above it.
class InstructedAccountTest : public AccountTest {
protected:
  instruction an_instruction(inbox_kind kind, std::int64_t wanted = 0) {
    instruction asked;
    asked.account = account;
    asked.kind = kind;
    asked.wanted = credits{wanted};
    asked.ttl = 60s;
    asked.to = above;
    asked.carrier = numbered<inbox_id>(++carriers_ << 16);
    asked.request_id = "req-6";
    asked.reference = "ref-" + std::to_string(carriers_);
    return asked;
  }

  inbox_row carried_out(instruction asked) {
    const auto to = asked.account;
    const auto row = world.put_inbox(std::move(asked));
    world.ask(absorb_inbox{to, {}});
    world.settle();
    return world.ledger().inbox(row);
  }

  std::vector<std::pair<entry_type, std::int64_t>> entries_of(const account_id& of) {
    std::vector<std::pair<entry_type, std::int64_t>> found;
    for (const auto& event : world.ledger().events(of))
      if (event.booked.seq > 1) found.emplace_back(event.booked.type, event.booked.units.value());
    return found;
  }

  void absorb(const account_id& by) {
    world.ask(absorb_inbox{by, {}});
    world.settle();
  }

  const account_id account = world.open_with(100);
  const account_id above = world.open_with(1);

private:
  std::uint32_t carriers_ = 0;
};

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST_F(InstructedAccountTest, TheRowSaysHowMuchWasDone) {
  auto asked = an_instruction(inbox_kind::recall, 150);
  const auto row = carried_out(asked);
  EXPECT_EQ(row.fulfilled, credits{100});
  EXPECT_EQ(row.absorbed_seq, 2u);
  absorb(above);
  EXPECT_EQ(available(above), credits{101});

  const auto nothing = carried_out(an_instruction(inbox_kind::recall, 1));
  EXPECT_EQ(nothing.fulfilled, credits{0});
  EXPECT_EQ(nothing.absorbed_seq, 2u);
  EXPECT_THAT(entries_of(account), ElementsAre(Pair(entry_type::reclaim_out, 100)));
}

TEST_F(InstructedAccountTest, ARecallRacesASpendAndNeitherLoses) {
  const auto row = world.put_inbox(an_instruction(inbox_kind::recall, 80));
  const auto before = world.ask(spend(account, 50));
  world.ask(absorb_inbox{account, {}});
  const auto after = world.ask(spend(account, 50));
  world.settle();

  const auto fulfilled = world.ledger().inbox(row).fulfilled;
  credits spent;
  for (const auto& each : {before, after})
    if (world.answer(each).ok()) spent += credits{50};
  EXPECT_EQ(fulfilled + spent + available(account), credits{100});
  absorb(above);
  EXPECT_EQ(available(above), fulfilled + credits{1});
}

TEST_F(InstructedAccountTest, IsCarriedOutOnceHoweverOftenItIsRead) {
  world.put_inbox(an_instruction(inbox_kind::claw_back, 30));
  for (int i = 0; i < 3; ++i)
    world.ask(absorb_inbox{account, {}});
  world.settle();
  absorb(account);
  EXPECT_THAT(entries_of(account), ElementsAre(Pair(entry_type::clawback, 30)));
}

TEST_F(InstructedAccountTest, AnAccountAtRestWakesUpToIt) {
  available(account);
  world.passivate(account);
  world.settle();
  const auto row = world.put_inbox(an_instruction(inbox_kind::claw_back, 30));
  const auto asked = world.ask(spend(account, 80));
  world.settle();
  EXPECT_EQ(world.ledger().inbox(row).fulfilled, credits{30});
  EXPECT_EQ(world.answer(asked).code(), errc::insufficient_credits);
}

TEST_F(InstructedAccountTest, ARoundThatDidNotHappenIsAskedForAgain) {
  world.store().next({unavailable});
  const auto lost = carried_out(an_instruction(inbox_kind::recall, 30));
  EXPECT_TRUE(lost.waits());
  absorb(account);
  EXPECT_THAT(entries_of(account), ElementsAre(Pair(entry_type::reclaim_out, 30)));
}

TEST_F(InstructedAccountTest, WithoutALeaseNothingIsRefusedAndNothingIsNothing) {
  world.ask(spend(account, 100));
  world.settle();
  const auto held = world.put_inbox(an_instruction(inbox_kind::set_aside, 10)); // would be refused
  const auto nothing = world.put_inbox(an_instruction(inbox_kind::recall, 10)); // would find nothing
  world.ask(absorb_inbox{account, {}});
  world.ownership().extend(lease::now() - 1ms);
  world.settle();
  EXPECT_TRUE(world.ledger().inbox(held).waits());
  EXPECT_TRUE(world.ledger().inbox(nothing).waits());
}

// Refunds

TEST_F(InstructedAccountTest, ARefundHoldsThenPaysBack) {
  auto asked = an_instruction(inbox_kind::set_aside, 150);
  asked.purpose = hold_purpose::refund;
  asked.partial = true;
  const auto held = carried_out(asked);
  ASSERT_EQ(held.fulfilled, credits{100});
  const auto none_left = world.ask(spend(account, 1));
  world.settle();
  EXPECT_EQ(world.answer(none_left).code(), errc::insufficient_credits);

  auto paid = an_instruction(inbox_kind::pay_back, 70);
  paid.holds = {*held.absorbed_seq};
  EXPECT_EQ(carried_out(paid).fulfilled, credits{70});
  EXPECT_EQ(available(account), credits{30});
  EXPECT_EQ(carried_out(paid).refused, errc::hold_not_open);
}

TEST_F(InstructedAccountTest, WhatWasSpentBeforeAClawbackIsOwed) {
  world.ask(spend(account, 90));
  world.settle();
  EXPECT_EQ(carried_out(an_instruction(inbox_kind::claw_back, 40)).fulfilled, credits{40});
  const auto refused = world.ask(spend(account, 1));
  world.settle();
  EXPECT_EQ(world.answer(refused).why().blocker, blocked_by::debt);

  world.put_inbox(account, 50);
  absorb(account);
  EXPECT_EQ(available(account), credits{20});
  EXPECT_THAT(
      entries_of(account),
      ElementsAre(
          Pair(entry_type::spend, 90),
          Pair(entry_type::clawback, 10),
          Pair(entry_type::adjust, 30),
          Pair(entry_type::purchase, 50),
          Pair(entry_type::debt_repaid, 30)
      )
  );
}

// Escrow

TEST_F(InstructedAccountTest, AnEscrowMovesOnOrGoesBack) {
  const auto first = carried_out(an_instruction(inbox_kind::set_aside, 30));
  const auto second = carried_out(an_instruction(inbox_kind::set_aside, 20));
  auto moved = an_instruction(inbox_kind::move_on);
  moved.holds = {*first.absorbed_seq};
  auto let_go = an_instruction(inbox_kind::let_go);
  let_go.holds = {*second.absorbed_seq};
  EXPECT_EQ(carried_out(moved).fulfilled, credits{30});
  EXPECT_EQ(carried_out(let_go).fulfilled, credits{20});
  absorb(above);
  EXPECT_EQ(available(account), credits{70});
  EXPECT_EQ(available(above), credits{31});
}

TEST_F(InstructedAccountTest, WhatAReceiverCannotHoldComesBack) {
  const auto full = world.open_with(credits::limit);
  auto asked = an_instruction(inbox_kind::recall, 30);
  asked.to = full;
  EXPECT_EQ(carried_out(asked).fulfilled, credits{30});
  absorb(full);
  absorb(account);
  EXPECT_EQ(available(account), credits{100});
}

TEST_F(InstructedAccountTest, TooMuchForAnEscrowIsRefusedForGood) {
  const auto row = carried_out(an_instruction(inbox_kind::set_aside, 101));
  EXPECT_EQ(row.refused, errc::insufficient_credits);
  EXPECT_THAT(entries_of(account), IsEmpty());
}

// Freezing

TEST_F(InstructedAccountTest, FreezesByRowAndThawsByCall) {
  carried_out(an_instruction(inbox_kind::freeze));
  const auto refused = world.ask(spend(account, 1));
  change_freeze thaw;
  thaw.account = account;
  thaw.frozen = false;
  thaw.idempotency = a_key(1);
  const auto thawed = world.ask(thaw);
  const auto again = world.ask(thaw);
  const auto spent = world.ask(spend(account, 1));
  world.settle();

  EXPECT_EQ(world.answer(refused).code(), errc::entity_frozen);
  EXPECT_FALSE(world.answer(thawed)->replayed);
  EXPECT_TRUE(world.answer(again)->replayed);
  EXPECT_EQ(world.answer(again)->seq, world.answer(thawed)->seq);
  EXPECT_TRUE(world.answer(spent).ok());
  EXPECT_THAT(
      entries_of(account),
      ElementsAre(Pair(entry_type::freeze, 0), Pair(entry_type::unfreeze, 0), Pair(entry_type::spend, 1))
  );
}

TEST_F(InstructedAccountTest, AFreezeThatChangesNothingWritesNothing) {
  change_freeze thaw;
  thaw.account = account;
  thaw.frozen = false;
  const auto answered = world.ask(thaw);
  world.settle();
  EXPECT_EQ(world.answer(answered)->seq, 0u);
  EXPECT_THAT(entries_of(account), IsEmpty());
}

TEST_F(InstructedAccountTest, ACallThatHadNothingToFreezeIsRememberedToo) {
  change_freeze thaw;
  thaw.account = account;
  thaw.frozen = false;
  thaw.idempotency = a_key(1);
  const auto answered = world.ask(thaw);
  world.settle();
  carried_out(an_instruction(inbox_kind::freeze));
  world.passivate(account);
  world.settle();
  const auto again = world.ask(thaw); // of before: it thaws nothing by now
  const auto refused = world.ask(spend(account, 1));
  world.settle();

  EXPECT_FALSE(world.answer(answered)->replayed);
  EXPECT_TRUE(world.answer(again)->replayed);
  EXPECT_EQ(world.answer(again)->seq, 0u);
  EXPECT_EQ(world.answer(refused).code(), errc::entity_frozen);
}

TEST_F(InstructedAccountTest, StaysFrozenWhenItWakesUp) {
  carried_out(an_instruction(inbox_kind::freeze));
  world.passivate(account);
  world.settle();
  const auto refused = world.ask(spend(account, 1));
  world.settle();
  EXPECT_EQ(world.answer(refused).code(), errc::entity_frozen);
}

TEST_F(InstructedAccountTest, WhatIsToGoToADeletedEntityIsRefusedAndNothingElse) {
  world.ledger().close_account(above);
  const auto recalled = world.put_inbox(an_instruction(inbox_kind::recall, 40));
  const auto held = world.put_inbox(an_instruction(inbox_kind::set_aside, 10));
  world.ask(absorb_inbox{account, {}});
  const auto spent = world.ask(spend(account, 20));
  world.settle();

  EXPECT_EQ(world.ledger().inbox(recalled).refused, errc::entity_closed);
  EXPECT_EQ(world.ledger().inbox(held).fulfilled, credits{10});
  EXPECT_TRUE(world.answer(spent).ok());
  EXPECT_EQ(available(account), credits{70});
}

} // namespace
} // namespace tessera::test
