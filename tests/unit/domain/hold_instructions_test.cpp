#include "actors/domain/instructions.hpp"
#include "messages/entry_names.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using entry_type::allocate_out;
using entry_type::debt_repaid;
using entry_type::expire;
using hold_purpose::dispute;
using hold_purpose::escrow;
using hold_purpose::refund;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto now = start_of_test;

instruction of_roots(instruction asked, std::initializer_list<std::uint32_t> roots) {
  for (const auto n : roots)
    asked.roots.push_back(numbered<lot_id>(n));
  return asked;
}

instruction as_much_as_there_is(instruction asked) {
  asked.partial = true;
  return asked;
}

/// Opens the hold and says which it is.
std::uint64_t open_on(credit_account& account, const instruction& asked) {
  const auto made = decide(account, asked, now);
  EXPECT_TRUE(made.ok());
  carry_out(account, made->events);
  return account.seq;
}

// Setting aside

TEST(SetAsideTest, OpensAHoldOfItsPurpose) {
  struct row {
    hold_purpose purpose;
    const char* application;
  };
  for (const auto& [purpose, application] : {row{escrow, "crm"}, row{refund, ""}, row{dispute, ""}}) {
    auto account = an_account().with_lot(60).with_lot(50, expires_in(90d)).build();

    const auto made = decide(account, set_aside(purpose, 45), now);

    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->fulfilled, credits{45});
    EXPECT_THAT(made->sent, IsEmpty());
    ASSERT_THAT(made->events, SizeIs(1));
    const auto& booked = made->events.front().booked;
    EXPECT_EQ(booked.type, entry_type::hold);
    EXPECT_THAT(booked.slices, ElementsAre(part(45, 2)));
    EXPECT_EQ(booked.after, figures(65, 45, 0));
    EXPECT_EQ(booked.usable_after, credits{65});
    EXPECT_EQ(booked.reference, hold_id_of({test_account, booked.seq}));
    EXPECT_EQ(booked.application, application);
    EXPECT_EQ(booked.requested_by.id, "usr-1");
    EXPECT_EQ(booked.request_id, "req-5");
    EXPECT_EQ(booked.hold->purpose, purpose);
    EXPECT_EQ(booked.hold->ends_at, now + 24h + (purpose == escrow ? escrow_beyond : 0h));
    carry_out(account, made->events);
    EXPECT_EQ(account.holds.find(account.seq)->holder.id, "usr-1");
  }
}

TEST(SetAsideTest, TakesOnlyTheNamedRoots) {
  const auto account = an_account().with_lot(60, expires_in(30d)).with_lot(50).with_lot(40).build();

  const auto made = decide(account, of_roots(set_aside(refund, 60), {2, 3}), now);

  ASSERT_TRUE(made.ok());
  EXPECT_THAT(made->events.front().booked.slices, ElementsAre(part(50, 2), part(10, 3)));
  const auto too_much = decide(account, of_roots(set_aside(refund, 91), {2, 3}), now);
  EXPECT_EQ(too_much.code(), errc::insufficient_credits);
}

TEST(SetAsideTest, KnowsALotByItsRootWhereverItCameFrom) {
  const auto came_down = [](lot& x) { x.root = numbered<lot_id>(90); };
  const auto account = an_account().with_lot(60).with_lot(50, came_down).build();

  const auto made = decide(account, of_roots(set_aside(dispute, 50), {90}), now);

  ASSERT_TRUE(made.ok());
  EXPECT_THAT(made->events.front().booked.slices, ElementsAre(part(50, 2)));
}

TEST(SetAsideTest, TakesAsMuchAsThereIsWhereThatWillDo) {
  const auto account = an_account().with_lot(30, expires_in(1h)).with_lot(20).build();
  const auto all = of_roots(set_aside(refund, 40), {1});

  EXPECT_EQ(decide(account, all, now).code(), errc::insufficient_credits);
  EXPECT_EQ(decide(account, as_much_as_there_is(all), now)->fulfilled, credits{30});

  const auto nothing = decide(account, as_much_as_there_is(of_roots(set_aside(refund, 40), {9})), now);
  ASSERT_TRUE(nothing.ok());
  EXPECT_THAT(nothing->events, IsEmpty());
  EXPECT_EQ(nothing->fulfilled, credits{0});
}

TEST(SetAsideTest, AnEscrowTakesLotsThatLiveAsLongAsItIsNeeded) {
  const auto account =
      an_account().with_lot(30, expires_in(1h)).with_lot(20, expires_in(24h)).with_lot(15).build();

  EXPECT_EQ(decide(account, set_aside(escrow, 36), now).code(), errc::lots_expire_before_invitation);
  EXPECT_EQ(decide(account, set_aside(escrow, 66), now).code(), errc::insufficient_credits);
  const auto made = decide(account, set_aside(escrow, 35), now);
  ASSERT_TRUE(made.ok());
  EXPECT_THAT(made->events.front().booked.slices, ElementsAre(part(20, 2), part(15, 3)));
  EXPECT_EQ(decide(account, as_much_as_there_is(set_aside(escrow, 65)), now)->fulfilled, credits{35});
}

TEST(SetAsideTest, AnEscrowTakesWhatCouldMoveNow) {
  const auto account = an_account().with_lot(30, effective_in(1h)).with_lot(20).build();

  EXPECT_EQ(decide(account, set_aside(escrow, 21), now).code(), errc::insufficient_credits);
  EXPECT_EQ(decide(account, set_aside(refund, 50), now)->fulfilled, credits{50});
  EXPECT_EQ(decide(account, set_aside(dispute, 50), now)->fulfilled, credits{50});
}

TEST(SetAsideTest, ADisputeHoldsEachLotUntilItsEnd) {
  auto account = an_account().with_lot(30, expires_in(1h)).with_lot(20).with_lot(9, expires_in(48h)).build();

  const auto made = decide(account, set_aside(dispute, 55), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{55});
  ASSERT_THAT(types_of(made->events), ElementsAre(entry_type::hold, entry_type::hold, entry_type::hold));
  std::vector<time_point> ends;
  for (const auto& each : made->events)
    ends.push_back(each.booked.hold->ends_at);
  EXPECT_THAT(ends, ElementsAre(now + 1h, now + 24h, now + 24h));
  EXPECT_EQ(made->events.back().booked.usable_after, credits{4});
  carry_out(account, made->events);

  // It protects nothing: at the end of the lot its units are gone.
  EXPECT_EQ(view(account, "", now + 1h).now, figures(4, 25, 0));
  const auto over = decide(account, expire_lots{}, now + 1h);
  EXPECT_THAT(types_of(over), ElementsAre(entry_type::release, expire));
  EXPECT_EQ(cause_of(over.back().booked), "released_after_expiry");
  carry_out(account, over);
}

TEST(SetAsideTest, ARefundProtectsItsUnitsBeyondTheEndOfTheirLot) {
  auto account = an_account().with_lot(30, expires_in(1h)).build();
  const auto seq = open_on(account, set_aside(refund, 30));

  EXPECT_EQ(view(account, "", now + 2h).now, figures(0, 30, 0));
  const auto made = decide(account, instruct_hold(inbox_kind::pay_back, seq, 30), now + 2h);
  ASSERT_TRUE(made.ok());
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.refunded, credits{30});
}

TEST(SetAsideTest, OfADebtorFindsNothing) {
  const auto account = an_account().with_debt(10).build();
  EXPECT_EQ(decide(account, set_aside(refund, 1), now).code(), errc::insufficient_credits);
}

TEST(SetAsideTest, BooksWhatIsOverFirst) {
  auto account = an_account().with_lot(50, expires_in(30s)).with_lot(20).build();
  book(account, *decide(account, hold(20, 10s), now));

  const auto made = decide(account, set_aside(refund, 20), now + 40s);

  ASSERT_TRUE(made.ok());
  EXPECT_THAT(types_of(made->events), ElementsAre(entry_type::release, expire, entry_type::hold));
  carry_out(account, made->events);
}

TEST(SetAsideTest, RefusesAnAmountThatIsNone) {
  const auto account = an_account().with_lot(50).build();
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-1}, credits::limit + 1})
    EXPECT_EQ(decide(account, set_aside(escrow, amount), now).code(), errc::amount_out_of_range);
}

TEST(SetAsideTest, OpensNoMoreHoldsThanThereMayBe) {
  constexpr auto most = static_cast<std::int64_t>(most_open_holds);
  auto account = an_account().with_lot(most, expires_in(60d)).with_lot(5).with_lot(5).build();
  for (std::int64_t i = 1; i < most; ++i)
    evolve(account, decide(account, hold(1), now)->front());

  EXPECT_EQ(decide(account, set_aside(dispute, 2), now).code(), errc::too_many_holds); // of two lots
  EXPECT_TRUE(decide(account, set_aside(refund, 2), now).ok());
}

// What becomes of it

TEST(LetGoTest, GivesUnitsBackToTheirLots) {
  auto account = an_account().with_lot(50).build();
  const auto seq = open_on(account, set_aside(dispute, 30));

  const auto made = decide(account, instruct_hold(inbox_kind::let_go, seq), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{30});
  ASSERT_THAT(types_of(made->events), ElementsAre(entry_type::release));
  const auto& booked = made->events.front().booked;
  EXPECT_EQ(booked.hold->state, hold_state::released);
  EXPECT_EQ(booked.usable_after, credits{50});
  EXPECT_EQ(booked.request_id, "req-5");
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(50, 0, 0));
}

TEST(LetGoTest, RepaysWhatIsOwed) {
  auto account = an_account().with_lot(50).build();
  const auto seq = open_on(account, set_aside(dispute, 50));
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, 20), now)->events);

  const auto made = decide(account, instruct_hold(inbox_kind::let_go, seq), now);

  EXPECT_EQ(made->fulfilled, credits{50});
  EXPECT_THAT(types_of(made->events), ElementsAre(entry_type::release, debt_repaid));
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(30, 0, 0));
}

TEST(PayBackTest, TakesUnitsOutForGood) {
  auto account = an_account().with_lot(30, expires_in(90d)).with_lot(50).build();
  const auto seq = open_on(account, set_aside(refund, 60));

  const auto made = decide(account, instruct_hold(inbox_kind::pay_back, seq, 60), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{60});
  ASSERT_THAT(types_of(made->events), ElementsAre(entry_type::refund));
  const auto& booked = made->events.front().booked;
  EXPECT_THAT(booked.slices, ElementsAre(part(30, 1), part(30, 2)));
  EXPECT_EQ(booked.reference, hold_id_of({test_account, seq}));
  EXPECT_EQ(booked.hold->state, hold_state::captured);
  EXPECT_EQ(booked.hold->captured, credits{60});
  EXPECT_EQ(booked.usable_after, credits{20});
  EXPECT_EQ(booked.requested_by.id, "usr-1");
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(20, 0, 0));
  EXPECT_EQ(account.totals.refunded, credits{60});
  EXPECT_TRUE(account.holds.empty());
}

TEST(PayBackTest, ReleasesTheRestToItsLotsAndRepaysWithIt) {
  auto account = an_account().with_lot(30, expires_in(1h)).with_lot(50).build();
  const auto seq = open_on(account, set_aside(refund, 80));
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, 20), now)->events);

  const auto made = decide(account, instruct_hold(inbox_kind::pay_back, seq, 10), now + 2h);

  ASSERT_TRUE(made.ok());
  EXPECT_THAT(
      types_of(made->events), ElementsAre(entry_type::refund, entry_type::release, expire, debt_repaid)
  );
  EXPECT_EQ(made->events[1].booked.hold->captured, credits{10});
  EXPECT_EQ(cause_of(made->events[1].booked), "captured");
  EXPECT_THAT(made->events[2].booked.slices, ElementsAre(part(20, 1)));
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(30, 0, 0));
}

TEST(PayBackTest, TakesNoMoreThanIsHeld) {
  auto account = an_account().with_lot(50).build();
  const auto seq = open_on(account, set_aside(refund, 30));

  EXPECT_EQ(
      decide(account, instruct_hold(inbox_kind::pay_back, seq, 31), now).code(), errc::capture_exceeds_hold
  );
  EXPECT_EQ(
      decide(account, instruct_hold(inbox_kind::pay_back, seq, 0), now).code(), errc::amount_out_of_range
  );
}

TEST(MoveOnTest, SendsAnEscrowToWhomItWasMeantFor) {
  auto account = an_account().with_lot(30, expires_in(90d)).with_lot(50, priority(9)).build();
  const auto seq = open_on(account, set_aside(escrow, 60));
  const auto lots = account.lots;

  const auto made = decide(account, instruct_hold(inbox_kind::move_on, seq), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{60});
  ASSERT_THAT(types_of(made->events), ElementsAre(entry_type::release, allocate_out));
  const auto& left = made->events.back().booked;
  EXPECT_EQ(made->events.front().booked.hold->state, hold_state::captured);
  EXPECT_THAT(left.slices, ElementsAre(part(50, 2), part(10, 1)));
  EXPECT_EQ(left.reference, "alloc-" + to_string(numbered<inbox_id>(0x300)));
  EXPECT_EQ(left.usable_after, credits{20});
  ASSERT_THAT(made->sent, SizeIs(1));
  const auto& sent = made->sent.front();
  EXPECT_EQ(sent.id, numbered<inbox_id>(0x300));
  EXPECT_EQ(sent.account, numbered<account_id>(5));
  EXPECT_EQ(sent.kind, inbox_kind::allocation);
  EXPECT_EQ(sent.reference, left.reference);
  EXPECT_EQ(sent.sender, (entry_place{test_account, left.seq}));
  ASSERT_THAT(sent.lots, SizeIs(2));
  EXPECT_EQ(sent.lots[0].parent, numbered<lot_id>(2));
  EXPECT_EQ(sent.lots[0].root, numbered<lot_id>(2));
  EXPECT_EQ(sent.lots[0].priority, 9);
  EXPECT_EQ(sent.lots[1].expires_at, lots[1].expires_at);
  EXPECT_EQ(sent.lots[1].amount, credits{10});
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.allocated_out, credits{60});
}

TEST(MoveOnTest, LeavesOutLotsThatEndedMeanwhile) {
  auto account = an_account().with_lot(30, expires_in(25h)).with_lot(50).build();
  const auto seq = open_on(account, set_aside(escrow, 60));

  const auto made = decide(account, instruct_hold(inbox_kind::move_on, seq), now + 72h);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{30});
  EXPECT_THAT(made->events.back().booked.slices, ElementsAre(part(30, 2)));
}

/// What is held stays with its hold: a debt is no reason to break a promise.
TEST(MoveOnTest, SendsAllOfItThoughTheAccountOwes) {
  auto account = an_account().with_lot(50).build();
  const auto seq = open_on(account, set_aside(escrow, 50));
  carry_out(account, decide(account, instruct(inbox_kind::claw_back, 20), now)->events);

  const auto made = decide(account, instruct_hold(inbox_kind::move_on, seq), now);

  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->fulfilled, credits{50});
  carry_out(account, made->events);
  EXPECT_EQ(account.totals.now, figures(0, 0, 0, 20));
}

TEST(HoldInstructionTest, KnowsOnlyOpenHoldsOfItsPurpose) {
  auto account = an_account().with_lot(50).build();
  book(account, *decide(account, hold(5), now));
  const auto spend_hold = account.seq;
  const auto refund_hold = open_on(account, set_aside(refund, 5));
  const auto escrow_hold = open_on(account, set_aside(escrow, 5));
  struct row {
    inbox_kind kind;
    std::uint64_t hold;
    errc code;
  };
  for (const auto& [kind, seq, code] : {
           row{inbox_kind::let_go, spend_hold, errc::hold_not_open},
           row{inbox_kind::pay_back, spend_hold, errc::hold_not_open},
           row{inbox_kind::move_on, spend_hold, errc::hold_not_open},
           row{inbox_kind::let_go, 99, errc::hold_not_open},
           row{inbox_kind::pay_back, escrow_hold, errc::hold_not_open},
           row{inbox_kind::move_on, refund_hold, errc::hold_not_open},
           row{inbox_kind::pay_back, refund_hold, errc::ok},
           row{inbox_kind::move_on, escrow_hold, errc::ok},
           row{inbox_kind::let_go, refund_hold, errc::ok},
           row{inbox_kind::let_go, escrow_hold, errc::ok},
       })
    EXPECT_EQ(decide(account, instruct_hold(kind, seq, 5), now).code(), code);
  const auto over =
      decide(account, instruct_hold(inbox_kind::move_on, escrow_hold), now + 25h + escrow_beyond);
  EXPECT_EQ(over.code(), errc::hold_not_open);
  auto nameless = instruct(inbox_kind::let_go);
  EXPECT_EQ(decide(account, nameless, now).code(), errc::hold_not_open);
}

TEST(HoldInstructionTest, NobodyCapturesOrReleasesWhatWasSetAside) {
  auto account = an_account().with_lot(50).build();
  const auto seq = open_on(account, set_aside(escrow, 5));

  auto mine = release(seq);
  mine.requested_by.kind = principal_kind::user;
  mine.requested_by.id = "usr-1";
  EXPECT_EQ(decide(account, mine, now).code(), errc::hold_not_open);
  auto takes = capture(seq, 5);
  takes.administers = true;
  EXPECT_EQ(decide(account, takes, now).code(), errc::hold_not_open);
}

} // namespace
} // namespace tessera::test
