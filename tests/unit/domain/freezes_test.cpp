#include "actors/domain/allocation.hpp"
#include "actors/domain/freezes.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/reversals.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using entry_type::expire;
using entry_type::freeze;
using entry_type::unfreeze;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto now = start_of_test;

TEST(FreezeTest, IsAnEntryWithoutUnits) {
  auto account = an_account().with_lot(100, only_for("hr")).with_lot(20).build();
  auto command = change_frozen(true);
  command.caller_key = "key";
  command.idempotency = idempotency_key{numbered<uuid>(1), numbered<uuid>(2)};

  const auto events = decide(account, command, now);

  ASSERT_THAT(types_of(events), ElementsAre(freeze));
  const auto& booked = events.front().booked;
  EXPECT_EQ(booked.units, credits{0});
  EXPECT_THAT(booked.slices, IsEmpty());
  EXPECT_EQ(booked.after, account.totals.now);
  EXPECT_EQ(booked.usable_after, credits{120});
  EXPECT_EQ(booked.application, "");
  EXPECT_EQ(booked.reference, "under review");
  EXPECT_EQ(booked.requested_by.id, "usr-1");
  EXPECT_EQ(booked.request_id, "req-6");
  EXPECT_EQ(booked.caller_key, "key");
  EXPECT_EQ(booked.idempotency, command.idempotency);
  carry_out(account, events);
  EXPECT_TRUE(account.frozen);
  EXPECT_TRUE(view(account, "", now).frozen);
  EXPECT_EQ(restore(snapshot_of(account)), account);
}

TEST(FreezeTest, IsUndoneByAnother) {
  auto account = an_account().with_lot(100).frozen().build();

  const auto events = decide(account, change_frozen(false), now);

  ASSERT_THAT(types_of(events), ElementsAre(unfreeze));
  carry_out(account, events);
  EXPECT_FALSE(account.frozen);
  EXPECT_TRUE(decide(account, consume(100), now).ok());
}

TEST(FreezeTest, WritesNothingWhereItChangesNothing) {
  const auto thawed = an_account().with_lot(100, expires_in(-1h)).build();

  EXPECT_THAT(decide(thawed, change_frozen(false), now), IsEmpty());
  EXPECT_THAT(decide(an_account().frozen().build(), change_frozen(true), now), IsEmpty());
}

TEST(FreezeTest, BooksWhatIsOverFirst) {
  auto account = an_account().with_lot(100, expires_in(-1h)).with_lot(20).build();

  const auto events = decide(account, change_frozen(true), now);

  EXPECT_THAT(types_of(events), ElementsAre(expire, freeze));
  EXPECT_EQ(events.back().booked.usable_after, credits{20});
  carry_out(account, events);
}

/// A frozen account of 100, of which a spend holds 30 and an escrow 10, and which spent 20.
struct frozen_account {
  credit_account account = an_account().with_lot(100).build();
  std::vector<lot> lots = account.lots;
  entry spent;
  std::uint64_t spend_hold = 0;
  std::uint64_t escrow = 0;

  frozen_account() {
    const auto decision = decide(account, consume(20), now);
    spent = decision->front().booked;
    book(account, *decision);
    book(account, *decide(account, hold(30), now));
    spend_hold = account.seq;
    book(account, decide(account, set_aside(hold_purpose::escrow, 10), now)->events);
    escrow = account.seq;
    book(account, decide(account, change_frozen(true), now));
  }
};

TEST(FrozenTest, NothingOfItsOwnLeaves) {
  const auto account = frozen_account().account;
  auto gives_back = allocate({leg_to(5, 1)});
  gives_back.kind = inbox_kind::give_back;

  for (const auto& why :
       {decide(account, consume(1), now).why(),
        decide(account, hold(1), now).why(),
        decide(account, allocate({leg_to(5, 1)}), now).why(),
        decide(account, gives_back, now).why()}) {
    EXPECT_EQ(why.code, errc::entity_frozen);
    EXPECT_EQ(why.blocker, blocked_by::frozen);
    EXPECT_EQ(why.would_allow, credits{0});
    EXPECT_EQ(why.available, credits{40});
  }
  const auto escrow = decide(account, set_aside(hold_purpose::escrow, 1), now);
  EXPECT_EQ(escrow.code(), errc::entity_frozen);
}

TEST(FrozenTest, WhatComesInGoesBackOrIsOwedDoes) {
  const frozen_account given;
  const auto& account = given.account;
  auto reclaims = allocate({leg_to(5, 1)});
  reclaims.kind = inbox_kind::reclaim;
  auto recalls = instruct(inbox_kind::recall, 1);
  recalls.to = numbered<account_id>(5);

  EXPECT_TRUE(decide(account, receive(a_lot(9, 10)), now).ok());
  EXPECT_TRUE(decide(account, capture(given.spend_hold, 30), now).ok());
  EXPECT_TRUE(decide(account, release(given.spend_hold), now).ok());
  EXPECT_TRUE(decide(account, reverse(as_reversible(given.spent, given.lots)), now).ok());
  EXPECT_TRUE(decide(account, reclaims, now).ok());
  EXPECT_EQ(decide(account, recalls, now)->fulfilled, credits{1});
  EXPECT_TRUE(decide(account, instruct_hold(inbox_kind::let_go, given.escrow), now).ok());
  EXPECT_TRUE(decide(account, instruct_hold(inbox_kind::move_on, given.escrow), now).ok());
  EXPECT_TRUE(decide(account, instruct(inbox_kind::claw_back, 5), now).ok());
  EXPECT_TRUE(decide(account, set_aside(hold_purpose::refund, 5), now).ok());
  EXPECT_TRUE(decide(account, set_aside(hold_purpose::dispute, 5), now).ok());
  EXPECT_TRUE(decide(account, change_frozen(false), now).size() == 1);
}

TEST(FrozenTest, WhatIsOverIsBooked) {
  auto account = an_account().with_lot(100, expires_in(10s)).frozen().build();

  EXPECT_THAT(types_of(decide(account, expire_lots{}, now + 10s)), ElementsAre(expire));
}

} // namespace
} // namespace tessera::test
