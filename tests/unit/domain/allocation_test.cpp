#include "actors/domain/allocation.hpp"
#include "actors/domain/ledger_check.hpp"
#include "actors/domain/transfer.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto now = start_of_test;

result<decided_allocation> allocate_from(const credit_account& account, allocate_credits command) {
  return decide(account, command, now);
}

std::vector<slice> slices_of(const result<decided_allocation>& made, std::size_t leg = 0) {
  return made->events.at(leg).booked.slices;
}

/// What the receiver of a leg makes of it.
credit_account after_arrival(credit_account receiver, const receive_credits& leg) {
  book(receiver, *decide(receiver, leg, now + 1s));
  return receiver;
}

// Which lots move

TEST(AllocationTest, TakesTheLotsThatBurnFirst) {
  const auto account = an_account().with_lot(300, expires_in(90d)).with_lot(200, expires_in(30d)).build();

  const auto made = allocate_from(account, allocate({leg_to(5, 250)}));

  EXPECT_THAT(slices_of(made), ElementsAre(part(200, 2), part(50, 1)));
}

TEST(AllocationTest, TakesTheSameOrderBackwardsWhenAskedTo) {
  const auto account =
      an_account().with_lot(300, expires_in(90d)).with_lot(200, expires_in(30d)).with_lot(10).build();
  auto command = allocate({leg_to(5, 250)});
  command.lots.policy = lot_policy::latest_first;

  EXPECT_THAT(slices_of(allocate_from(account, command)), ElementsAre(part(10, 3), part(240, 1)));
}

TEST(AllocationTest, TakesTheNamedLotsInTheOrderOfTheirNames) {
  const auto account =
      an_account().with_lot(300, expires_in(90d)).with_lot(200, expires_in(30d)).with_lot(10).build();
  auto command = allocate({leg_to(5, 305)});
  command.lots.only = {numbered<lot_id>(1), numbered<lot_id>(3)};
  EXPECT_THAT(slices_of(allocate_from(account, command)), ElementsAre(part(300, 1), part(5, 3)));

  command.lots.only = {numbered<lot_id>(3), numbered<lot_id>(1), numbered<lot_id>(3)};
  EXPECT_THAT(slices_of(allocate_from(account, command)), ElementsAre(part(10, 3), part(295, 1)));

  command.lots.policy = lot_policy::soonest_first;
  EXPECT_THAT(slices_of(allocate_from(account, command)), ElementsAre(part(300, 1), part(5, 3)));
}

TEST(AllocationTest, KnowsNoLotsButItsOwn) {
  const auto account = an_account().with_lot(300).build();
  auto command = allocate({leg_to(5, 1)});
  command.lots.only = {numbered<lot_id>(77)};

  const auto made = allocate_from(account, command);

  EXPECT_EQ(made.code(), errc::insufficient_credits);
  EXPECT_EQ(made.why().available, credits{300});
  EXPECT_EQ(made.why().would_allow, credits{0});
}

TEST(AllocationTest, LeavesLotsThatEndTooSoon) {
  const auto account = an_account().with_lot(100, expires_in(10d)).with_lot(100, expires_in(30d)).build();
  auto command = allocate({leg_to(5, 100)});
  command.lots.min_remaining = std::chrono::days{30};
  EXPECT_THAT(slices_of(allocate_from(account, command)), ElementsAre(part(100, 2)));

  command.lots.min_remaining = std::chrono::days{31};
  EXPECT_EQ(allocate_from(account, command).why().would_allow, credits{0});
}

TEST(AllocationTest, MovesLotsOfAnyApplicationButNotThoseThatAreHeldOverOrNotYetEffective) {
  const auto account = an_account()
                           .with_lot(10, only_for("erp"))
                           .with_lot(20, held(20))
                           .with_lot(30, expires_in(-1h))
                           .with_lot(40, effective_in(1h))
                           .build();

  const auto refused = allocate_from(account, allocate({leg_to(5, 11)}));
  EXPECT_EQ(refused.why().would_allow, credits{10});

  const auto made = allocate_from(account, allocate({leg_to(5, 10)}));
  ASSERT_THAT(made->events, SizeIs(2));
  EXPECT_EQ(made->events[0].booked.type, entry_type::expire);
  EXPECT_EQ(made->sent.front().lots.front().applications, std::vector<std::string>{"erp"});
}

// All legs or none

TEST(AllocationTest, WritesAnEntryForEachLegAndTheKeyOnTheFirst) {
  const auto account = an_account().with_lot(100, expires_in(1d)).with_lot(200).build();
  auto command = allocate({leg_to(5, 60), leg_to(6, 70), leg_to(7, 80)});
  command.idempotency = idempotency_key{numbered<uuid>(1), numbered<uuid>(2)};

  const auto made = allocate_from(account, command);

  ASSERT_THAT(made->events, SizeIs(3));
  EXPECT_THAT(slices_of(made, 0), ElementsAre(part(60, 1)));
  EXPECT_THAT(slices_of(made, 1), ElementsAre(part(40, 1), part(30, 2)));
  EXPECT_THAT(slices_of(made, 2), ElementsAre(part(80, 2)));
  std::vector<std::int64_t> after;
  for (const auto& event : made->events) {
    EXPECT_EQ(event.booked.type, entry_type::allocate_out);
    EXPECT_EQ(event.booked.reference, "alloc-1");
    EXPECT_EQ(event.booked.usable_after, event.booked.after.available);
    after.push_back(event.booked.after.available.value());
  }
  EXPECT_THAT(after, ElementsAre(240, 170, 90));
  EXPECT_EQ(made->events[0].booked.idempotency, command.idempotency);
  EXPECT_FALSE(made->events[1].booked.idempotency);
  ASSERT_THAT(made->sent, SizeIs(3));
  EXPECT_EQ(made->sent[1].account, numbered<account_id>(6));
  EXPECT_EQ(made->sent[1].sender, (entry_place{account.id, made->events[1].booked.seq}));
}

TEST(AllocationTest, RefusesAllWhenTheSumIsNotThere) {
  const auto account = an_account().with_lot(100).build();

  const auto made = allocate_from(account, allocate({leg_to(5, 60), leg_to(6, 41)}));

  EXPECT_EQ(made.code(), errc::insufficient_credits);
  EXPECT_EQ(made.why().blocker, blocked_by::balance);
  EXPECT_EQ(made.why().requested, credits{101});
  EXPECT_EQ(made.why().available, credits{100});
  EXPECT_EQ(made.why().would_allow, credits{100});
}

TEST(AllocationTest, RefusesASumThatNoBalanceCanHold) {
  const auto account = an_account().with_lot(100).build();
  const auto made = allocate_from(account, allocate({leg_to(5, credits::limit), leg_to(6, credits::limit)}));
  EXPECT_EQ(made.code(), errc::amount_out_of_range);
  EXPECT_EQ(allocate_from(account, allocate({leg_to(5, 0)})).code(), errc::amount_out_of_range);
}

TEST(AllocationTest, RefusesWhenTheSourceIsFrozen) {
  const auto account = an_account().with_lot(100).frozen().build();
  EXPECT_EQ(allocate_from(account, allocate({leg_to(5, 1)})).code(), errc::entity_frozen);
}

TEST(AllocationTest, NoLotEndsBetweenTheLegs) {
  const auto account =
      an_account().with_lot(100, expires_at(now + 2 * tick)).with_lot(100).booked_at(now - 1s).build();
  std::vector<allocation_leg> legs;
  for (std::uint32_t n = 1; n <= 5; ++n)
    legs.push_back(leg_to(n, 10));

  const auto made = allocate_from(account, allocate(legs));

  ASSERT_THAT(made->events, SizeIs(6));
  EXPECT_EQ(made->events[0].booked.type, entry_type::expire);
  EXPECT_EQ(made->events[5].booked.after.available, credits{50});
}

TEST(AllocationTest, SaysOfEachLegWhatIsUsableByThen) {
  auto account = an_account().with_lot(50).with_lot(7, effective_in(1us)).build();

  const auto made = allocate_from(account, allocate({leg_to(5, 10), leg_to(6, 20)}));

  EXPECT_EQ(made->events[0].booked.usable_after, credits{40});
  EXPECT_EQ(made->events[1].booked.usable_after, credits{27});
}

// Upward

TEST(AllocationTest, WhatGoesUpSaysSoOnBothSides) {
  const struct {
    inbox_kind kind;
    entry_type out;
    entry_type in;
  } ways[] = {
      {inbox_kind::give_back, entry_type::return_out, entry_type::return_in},
      {inbox_kind::reclaim, entry_type::reclaim_out, entry_type::reclaim_in}};
  for (const auto& way : ways) {
    auto command = allocate({leg_to(5, 60)});
    command.kind = way.kind;
    const auto made = allocate_from(an_account().with_lot(100, expires_in(30d)).build(), command);
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->events.front().booked.type, way.out);
    EXPECT_EQ(made->sent.front().kind, way.kind);
    const auto arrived = *decide(an_account().build(), made->sent.front(), now + 1s);
    EXPECT_EQ(arrived.front().booked.type, way.in);
  }
}

TEST(AllocationTest, OnlyAReclaimTakesFromAFrozenAccount) {
  const auto account = an_account().with_lot(100).frozen().build();
  auto command = allocate({leg_to(5, 60)});
  command.kind = inbox_kind::give_back;
  EXPECT_EQ(allocate_from(account, command).code(), errc::entity_frozen);

  command.kind = inbox_kind::reclaim;
  EXPECT_TRUE(allocate_from(account, command).ok());
  command.legs = {leg_to(5, 101)};
  EXPECT_EQ(allocate_from(account, command).code(), errc::insufficient_credits);
  EXPECT_EQ(allocate_from(account, command).why().would_allow, credits{100});
}

TEST(AllocationTest, EverythingIsAllThatIsFreeAndNotOver) {
  auto account = an_account()
                     .with_lot(10, only_for("erp"))
                     .with_lot(20, held(5))
                     .with_lot(30, expires_in(-1h))
                     .with_lot(40, effective_in(1h))
                     .build();
  auto command = allocate({leg_to(5, 0)});
  command.kind = inbox_kind::give_back;
  command.everything = true;

  const auto made = allocate_from(account, command);
  ASSERT_TRUE(made.ok());
  ASSERT_THAT(made->events, SizeIs(2));
  EXPECT_EQ(made->events[0].booked.type, entry_type::expire);
  EXPECT_EQ(made->events[1].booked.units, credits{65});
  EXPECT_EQ(made->events[1].booked.usable_after, credits{0});
  EXPECT_THAT(slices_of(made, 1), testing::UnorderedElementsAre(part(10, 1), part(15, 2), part(40, 4)));
  auto checked = account;
  for (const auto& event : made->events) {
    EXPECT_EQ(flaw_of(checked, event), "");
    evolve(checked, event);
  }
  EXPECT_EQ(checked.totals.now.available, credits{0});

  // What is not effective yet is so where it arrives, too.
  const auto above = after_arrival(an_account().build(), made->sent.front());
  EXPECT_EQ(above.totals.now.available, credits{65});
  EXPECT_EQ(above.usable({}, now + 2s), credits{25});
  EXPECT_EQ(above.usable({}, now + 2h), credits{65});
}

TEST(AllocationTest, ThereIsNoEverythingWhereThereIsNothing) {
  auto command = allocate({leg_to(5, 0)});
  command.everything = true;
  const auto empty = an_account().with_lot(30, expires_in(-1h)).with_lot(5, held(5)).build();
  EXPECT_EQ(allocate_from(empty, command).code(), errc::insufficient_credits);
}

// Arriving

TEST(AllocationTest, AReceiverOpensTheLotsOnTheirOldTerms) {
  const auto terms = [](lot& x) {
    x.purchase_id = "pur-1";
    x.unit_cost_minor = 5;
    x.currency = "EUR";
    x.expiry_date = "2026-03-31";
    x.applications = {"crm"};
  };
  const auto account =
      an_account()
          .with_lot(300, expires_in(90d), priority(7), of_kind(lot_kind::bonus), lot_trait(terms))
          .build();
  const auto made = allocate_from(account, allocate({leg_to(5, 120)}));

  const auto receiver = after_arrival(an_account().build(), made->sent.front());

  ASSERT_THAT(receiver.lots, SizeIs(1));
  auto expected = account.lots.front();
  expected.parent = account.lots.front().id;
  expected.id = receiver.lots.front().id;
  expected.seq = 1;
  expected.amount = expected.free = credits{120};
  EXPECT_EQ(receiver.lots.front(), expected);
  EXPECT_NE(expected.id, account.lots.front().id);
  EXPECT_EQ(receiver.totals.lifetime_in, credits{120});
}

TEST(AllocationTest, AnEqualLotThatIsLiveTakesTheUnitsUp) {
  auto source = an_account().with_lot(300, expires_in(90d)).build();
  auto receiver = an_account().build();
  std::vector<account_event> ledger;
  for (std::uint32_t n = 5; n < 8; ++n) {
    auto made = allocate_from(source, allocate({leg_to(n, 50)}));
    book(source, made->events);
    book(receiver, *decide(receiver, made->sent.front(), now + 1s), ledger);
  }

  ASSERT_THAT(receiver.lots, SizeIs(1));
  EXPECT_EQ(receiver.lots.front().amount, credits{150});
  EXPECT_EQ(receiver.lots.front().free, credits{150});
  EXPECT_THAT(ledger[0].opened, SizeIs(1));
  EXPECT_THAT(ledger[1].opened, IsEmpty());
  EXPECT_THAT(ledger[2].booked.slices, ElementsAre(slice{receiver.lots.front().id, credits{50}}));
  EXPECT_EQ(restore(snapshot_of(receiver)), receiver);
}

TEST(AllocationTest, ALotThatIsOverOnArrivalIsOpenedAndExpires) {
  const auto account = an_account().with_lot(300, expires_in(10s)).build();
  const auto made = allocate_from(account, allocate({leg_to(5, 100)}));
  auto receiver = an_account().build();

  const auto events = *decide(receiver, made->sent.front(), now + 20s);
  book(receiver, events);

  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].booked.type, entry_type::allocate_in);
  EXPECT_EQ(events[1].booked.type, entry_type::expire);
  EXPECT_EQ(receiver.totals.now.available, credits{0});
  EXPECT_EQ(receiver.totals.expired, credits{100});
}

/// Down three levels: what the units are and when they end never changes.
TEST(AllocationTest, NothingIsLaunderedOverThreeAllocations) {
  const auto costs = [](lot& x) {
    x.unit_cost_minor = 3;
    x.currency = "EUR";
    x.purchase_id = "pur-9";
  };
  auto holder = an_account().with_lot(900, expires_in(5d), lot_trait(costs)).with_lot(50).build();
  const auto original = holder.lots.front();
  for (std::uint32_t level = 1; level <= 3; ++level) {
    const auto made = allocate_from(holder, allocate({leg_to(level, 500 - 100 * level)}));
    const auto parent = holder.lots.front().id;
    holder = after_arrival(an_account().build(), made->sent.front());
    const auto& arrived = holder.lots.front();
    EXPECT_EQ(arrived.parent, parent);
    EXPECT_EQ(arrived.root, original.root);
    EXPECT_EQ(arrived.expires_at, original.expires_at);
    EXPECT_EQ(arrived.effective_at, original.effective_at);
    EXPECT_EQ(arrived.unit_cost_minor, original.unit_cost_minor);
    EXPECT_EQ(arrived.currency, original.currency);
    EXPECT_EQ(arrived.purchase_id, original.purchase_id);
  }
  EXPECT_EQ(holder.usable("crm", now + std::chrono::days{5}), credits{0});
}

// Coming back

TEST(AllocationTest, WhatDoesNotFitAboveComesBackDown) {
  auto below = an_account().with_lot(100).build();
  auto command = allocate({leg_to(5, 100)});
  command.kind = inbox_kind::give_back;
  const auto made = allocate_from(below, command);
  carry_out(below, made->events);
  const auto full = an_account().with_lot(credits::limit).build();
  EXPECT_EQ(decide(full, made->sent.front(), now).code(), errc::amount_out_of_range);

  carry_out(below, *decide(below, bounce_of(made->sent.front()), now + 1s));

  EXPECT_EQ(below.totals.now.available, credits{100});
}

TEST(AllocationTest, ALegThatDoesNotFitComesBackToItsLot) {
  auto source = an_account().with_lot(300).build();
  const auto full = an_account().with_lot(credits::limit).build();
  auto made = allocate_from(source, allocate({leg_to(5, 100)}));
  book(source, made->events);
  const auto& leg = made->sent.front();
  EXPECT_EQ(decide(full, leg, now + 1s).code(), errc::amount_out_of_range);

  const auto back = bounce_of(leg);
  EXPECT_EQ(back.account, source.id);
  EXPECT_NE(back.id, leg.id);
  const auto events = *decide(source, back, now + 2s);
  book(source, events);

  EXPECT_EQ(events.front().booked.type, entry_type::return_in);
  ASSERT_THAT(source.lots, SizeIs(1));
  EXPECT_EQ(source.lots.front().free, credits{300});
  EXPECT_EQ(source.totals.allocated_out, credits{100});
}

TEST(AllocationTest, WhatComesBackHasRoomUnlessItWasFilled) {
  auto source = an_account().with_lot(credits::limit).build();
  auto made = allocate_from(source, allocate({leg_to(5, 100)}));
  book(source, made->events);
  const auto back = bounce_of(made->sent.front());
  auto filled = source;
  book(filled, *decide(filled, receive(a_lot(9, 1)), now + 1s));

  EXPECT_TRUE(decide(source, back, now + 2s).ok());
  EXPECT_EQ(decide(filled, back, now + 2s).code(), errc::amount_out_of_range);
}

TEST(AllocationTest, WhatComesBackNeverLiftsABalanceOutOfItsRange) {
  auto source = an_account().with_lot(credits::limit).build();
  auto made = allocate_from(source, allocate({leg_to(5, 100)}));
  book(source, made->events);
  const auto back = bounce_of(made->sent.front());
  book(source, *decide(source, receive(a_lot(9, 100)), now + 1s));
  ASSERT_FALSE(decide(source, back, now + 2s).ok());
  book(source, allocate_from(source, allocate({leg_to(6, 100)}))->events); // there is room again

  const auto returned = decide(source, back, now + 3s);
  ASSERT_TRUE(returned.ok());
  auto event = returned->front();
  EXPECT_EQ(flaw_of(source, event), "");
  book(source, *returned);
  EXPECT_EQ(source.totals.now.available, credits{credits::limit});
}

TEST(AllocationTest, CreditsMayGoUpAndDownForEver) {
  auto top = an_account().with_lot(credits::limit).build();
  for (std::uint32_t n = 1; n <= 20; ++n) {
    auto made = allocate_from(top, allocate({leg_to(n, credits::limit)}));
    ASSERT_TRUE(made.ok());
    book(top, made->events);
    book(top, *decide(top, bounce_of(made->sent.front()), now + 1s));
  }
  EXPECT_EQ(top.totals.now.available, credits{credits::limit});
  EXPECT_EQ(decide(top, receive(a_lot(99, 1)), now + 2s).code(), errc::amount_out_of_range);
}

TEST(TransferTest, DerivesIdsThatDifferFromEachOther) {
  const auto row = numbered<inbox_id>(0xffff'ffff);
  const auto one = travelling(a_lot(1, 5), credits{5}, row, 0).id;
  const auto other = travelling(a_lot(1, 5), credits{5}, row, 1).id;
  EXPECT_NE(one, other);
  EXPECT_EQ(one, travelling(a_lot(2, 9), credits{1}, row, 0).id);
}

} // namespace
} // namespace tessera::test
