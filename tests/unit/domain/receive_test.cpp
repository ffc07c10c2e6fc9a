#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::uint32_t> ids_of(const std::vector<lot>& lots) {
  std::vector<std::uint32_t> ids;
  for (const auto& each : lots)
    ids.push_back(each.id.value.bytes[15]);
  return ids;
}

TEST(ReceiveTest, OpensTheLot) {
  auto account = an_account().with_lot(5).with_used(7).build();

  const auto decision = decide(account, receive(a_lot(9, 1000, expires_in(90d))), start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(1));
  const auto& booked = decision->front().booked;
  EXPECT_EQ(booked.type, entry_type::purchase);
  EXPECT_EQ(booked.seq, 2u);
  EXPECT_EQ(booked.units, credits{1000});
  EXPECT_THAT(booked.slices, ElementsAre(part(1000, 9)));
  EXPECT_EQ(booked.after, (balances{credits{1005}, credits{0}, credits{7}, credits{0}}));
  EXPECT_EQ(booked.usable_after, credits{1005});
  EXPECT_EQ(booked.application, "");
  EXPECT_EQ(booked.reference, "pur-1");
  EXPECT_EQ(booked.requested_by, (principal{principal_kind::user, "usr-1", "crm"}));
  EXPECT_EQ(booked.request_id, "req-2");
  EXPECT_FALSE(booked.idempotency);
  EXPECT_EQ(booked.booked_at, start_of_test);
  EXPECT_THAT(decision->front().opened, ElementsAre(a_lot(9, 1000, expires_in(90d), opened_by(2))));

  book(account, *decision);
  EXPECT_EQ(account.totals.lifetime_in, credits{1012});
  EXPECT_EQ(account.totals.now, booked.after);
}

TEST(ReceiveTest, SaysWhatBroughtTheCredits) {
  struct row {
    inbox_kind kind;
    lot_kind of;
    entry_type type;
  };
  for (const auto& [kind, of, type] : {
           row{inbox_kind::purchase, lot_kind::paid, entry_type::purchase},
           row{inbox_kind::allocation, lot_kind::paid, entry_type::allocate_in},
           row{inbox_kind::allocation_bounce, lot_kind::paid, entry_type::return_in},
           row{inbox_kind::grant, lot_kind::promo, entry_type::grant},
           row{inbox_kind::grant, lot_kind::plan, entry_type::grant},
           row{inbox_kind::grant, lot_kind::bonus, entry_type::bonus},
           row{inbox_kind::give_back, lot_kind::paid, entry_type::return_in},
           row{inbox_kind::reclaim, lot_kind::paid, entry_type::reclaim_in},
           row{inbox_kind::reinstatement, lot_kind::reinstated, entry_type::reinstate},
       }) {
    auto account = an_account().with_lot(5).build();
    auto command = receive(a_lot(9, 10, of_kind(of)));
    command.kind = kind;

    const auto decision = decide(account, command, start_of_test);

    ASSERT_TRUE(decision.ok());
    EXPECT_THAT(types_of(*decision), ElementsAre(type));
    EXPECT_EQ(decision->front().booked.reference, "pur-1");
    carry_out(account, *decision);
    EXPECT_EQ(account.totals.lifetime_in, credits{15});
  }
}

/// What bounces has nowhere else to go: room in the balance will do for it.
TEST(ReceiveTest, WhatComesUpAgainNeedsRoomLikeWhatIsNew) {
  auto account = an_account().with_lot(credits::limit, expires_in(0us)).build();
  book(account, decide(account, expire_lots{}, start_of_test));
  for (const auto& [kind, code] : {
           std::pair{inbox_kind::give_back, errc::amount_out_of_range},
           std::pair{inbox_kind::reclaim, errc::amount_out_of_range},
           std::pair{inbox_kind::reinstatement, errc::amount_out_of_range},
           std::pair{inbox_kind::allocation_bounce, errc::ok},
       }) {
    auto command = receive(a_lot(9, 1));
    command.kind = kind;
    EXPECT_EQ(decide(account, command, start_of_test).code(), code);
  }
}

TEST(ReceiveTest, KeepsTheLotsInBurnOrder) {
  auto account = an_account().with_lot(1).with_lot(1, expires_in(30d)).build();

  book(account, *decide(account, receive(a_lot(7, 1, expires_in(60d))), start_of_test));
  book(account, *decide(account, receive(a_lot(8, 1, priority(1))), start_of_test));
  book(account, *decide(account, receive(a_lot(9, 1)), start_of_test));

  EXPECT_THAT(ids_of(account.lots), ElementsAre(8, 2, 7, 1, 9));
}

TEST(ReceiveTest, ALotThatDoesNotSayCountsFromItsBooking) {
  auto unsaid = a_lot(9, 10);
  unsaid.effective_at = {};

  const auto decision = decide(an_account().build(), receive(unsaid), start_of_test);

  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->front().opened.front().effective_at, start_of_test);
  EXPECT_EQ(decision->front().booked.usable_after, credits{10});
}

TEST(ReceiveTest, ALotOfTheFutureIsAvailableButNotUsable) {
  const auto decision = decide(an_account().build(), receive(a_lot(9, 10, effective_in(1h))), start_of_test);

  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->front().booked.after.available, credits{10});
  EXPECT_EQ(decision->front().booked.usable_after, credits{0});
}

TEST(ReceiveTest, AFrozenAccountReceives) {
  EXPECT_TRUE(decide(an_account().frozen().build(), receive(a_lot(9, 10)), start_of_test).ok());
}

TEST(ReceiveTest, BooksWhatExpiredFirst) {
  const auto account = an_account().with_lot(40, expires_in(-1h)).build();

  const auto decision = decide(account, receive(a_lot(9, 10)), start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(2));
  EXPECT_EQ(decision->front().booked.type, entry_type::expire);
  EXPECT_EQ(decision->front().booked.booked_at, start_of_test);
  EXPECT_EQ(decision->back().booked.type, entry_type::purchase);
  EXPECT_EQ(decision->back().booked.booked_at, start_of_test + tick);
  EXPECT_EQ(decision->back().booked.after.available, credits{10});
  EXPECT_EQ(decision->back().opened.front().seq, 3u);
}

TEST(ReceiveTest, ALotThatIsOverIsOpenedAndExpired) {
  auto account = an_account().with_lot(40, expires_in(-1h)).with_lot(3, expires_in(2us)).with_lot(5).build();

  const auto decision = decide(account, receive(a_lot(9, 10, expires_in(-2h))), start_of_test);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(*decision, SizeIs(3));
  EXPECT_THAT(decision->front().booked.slices, ElementsAre(part(40, 1), part(3, 2)));
  const auto& received = (*decision)[1].booked;
  EXPECT_EQ(received.type, entry_type::purchase);
  EXPECT_EQ(received.after.available, credits{15});
  EXPECT_EQ(received.usable_after, credits{5});
  const auto& expired = (*decision)[2].booked;
  EXPECT_EQ(expired.type, entry_type::expire);
  EXPECT_THAT(expired.slices, ElementsAre(part(10, 9)));
  EXPECT_EQ(expired.booked_at, received.booked_at + tick);
  EXPECT_EQ(expired.after.available, credits{5});
  EXPECT_THAT((*decision)[2].opened, IsEmpty());

  book(account, *decision);
  EXPECT_EQ(account.totals.expired, credits{53});
  EXPECT_EQ(account.totals.lifetime_in, credits{58});
  EXPECT_THAT(ids_of(account.lots), ElementsAre(3));
}

struct limit_case {
  std::string name;
  std::int64_t before;
  std::int64_t used;
  std::int64_t amount;
  errc code;
};

void PrintTo(const limit_case& each, std::ostream* out) {
  *out << each.name;
}

class ReceiveLimitTest : public testing::TestWithParam<limit_case> {};

TEST_P(ReceiveLimitTest, KeepsEveryFigureBelowTheLimit) {
  auto account = an_account().with_used(GetParam().used).build();
  if (GetParam().before != 0)
    account = an_account().with_used(GetParam().used).with_lot(GetParam().before).build();

  const auto decision = decide(account, receive(a_lot(9, GetParam().amount)), start_of_test);

  EXPECT_EQ(decision.code(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Edges,
    ReceiveLimitTest,
    testing::Values(
        limit_case{"AllAtOnce", 0, 0, credits::limit, errc::ok},
        limit_case{"OneTooManyAtOnce", 0, 0, credits::limit + 1, errc::amount_out_of_range},
        limit_case{"TheLastOne", credits::limit - 1, 0, 1, errc::ok},
        limit_case{"OneAboveTheBalance", credits::limit, 0, 1, errc::amount_out_of_range},
        limit_case{"OneAboveWithWhatWasUsed", 1, credits::limit - 1, 1, errc::amount_out_of_range},
        limit_case{"TwiceTheLimit", credits::limit, 0, credits::limit, errc::amount_out_of_range},
        limit_case{
            "TheLargestNumber", 1, 0, std::numeric_limits<std::int64_t>::max(), errc::amount_out_of_range},
        limit_case{"Nothing", 0, 0, 0, errc::amount_out_of_range},
        limit_case{"LessThanNothing", 0, 0, -1, errc::amount_out_of_range}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ReceiveLimitTest, WhatExpiredStillCounts) {
  auto account = an_account().with_lot(credits::limit, expires_in(0us)).build();
  book(account, decide(account, expire_lots{}, start_of_test));

  EXPECT_EQ(decide(account, receive(a_lot(9, 1)), start_of_test).code(), errc::amount_out_of_range);
}

TEST(ExpireTest, NothingOverGivesNoEntry) {
  const auto account = an_account().with_lot(10, expires_in(1us)).with_lot(10).build();

  EXPECT_THAT(decide(account, expire_lots{}, start_of_test), SizeIs(0));
}

TEST(ExpireTest, TakesEveryLotThatIsOverInOneEntry) {
  auto account = an_account()
                     .with_lot(10, expires_in(0us))
                     .with_lot(20, expires_in(-1h))
                     .with_lot(30, expires_in(1h))
                     .build();

  const auto events = decide(account, expire_lots{}, start_of_test);

  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events.front().booked.units, credits{30});
  EXPECT_THAT(events.front().booked.slices, ElementsAre(part(20, 2), part(10, 1)));
  EXPECT_EQ(events.front().booked.after.available, credits{30});
  book(account, events);
  EXPECT_THAT(decide(account, expire_lots{}, start_of_test), IsEmpty());
}

TEST(ExpireTest, LeavesHeldUnitsToTheirHold) {
  auto account =
      an_account().with_lot(10, expires_in(0us), held(4)).with_lot(9, expires_in(0us), held(9)).build();

  const auto events = decide(account, expire_lots{}, start_of_test);

  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events.front().booked.slices, ElementsAre(part(6, 1)));
  book(account, events);
  EXPECT_THAT(account.lots, ElementsAre(Field(&lot::held, credits{4}), Field(&lot::held, credits{9})));
  EXPECT_EQ(account.totals.now.reserved, credits{13});
  EXPECT_THAT(decide(account, expire_lots{}, start_of_test + 1h), IsEmpty());
}

} // namespace
} // namespace tessera::test
