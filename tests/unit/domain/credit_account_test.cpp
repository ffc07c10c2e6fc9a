#include "actors/domain/credit_account.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(CreditAccountTest, BeginsWithItsGenesis) {
  credit_account account;

  evolve(account, genesis(start_of_test));

  EXPECT_EQ(account.id, test_account);
  EXPECT_EQ(account.tenant, test_tenant);
  EXPECT_EQ(account.seq, 0u);
  EXPECT_EQ(account.head, genesis(start_of_test).booked.hash);
  EXPECT_EQ(account.booked_at, start_of_test);
  EXPECT_EQ(account.totals, account_totals{});
  EXPECT_THAT(account.lots, IsEmpty());
}

TEST(CreditAccountTest, FollowsTheEntry) {
  auto account = an_account().with_lot(10).with_lot(20).build();
  auto event = decide(account, consume(15), start_of_test)->front();
  event.booked.hash[0] = 42;

  evolve(account, event);

  EXPECT_EQ(account.seq, 3u);
  EXPECT_EQ(account.head[0], 42);
  EXPECT_EQ(account.booked_at, start_of_test);
  EXPECT_EQ(account.totals.now, event.booked.after);
  EXPECT_THAT(account.lots, ElementsAre(a_lot(2, 20, [](lot& x) { x.free = credits{15}; })));
}

TEST(CreditAccountTest, FindsSlicesInAnyOrder) {
  auto account = an_account().with_lot(10).with_lot(20).build();
  auto event = decide(account, consume(15), start_of_test)->front();
  std::swap(event.booked.slices[0], event.booked.slices[1]);

  evolve(account, event);

  EXPECT_THAT(account.lots, ElementsAre(Field(&lot::free, credits{15})));
}

TEST(CreditAccountTest, RefusesWhatNamesALotThatIsNotThere) {
  auto account = an_account().with_lot(10).with_lot(20).build();
  auto event = decide(account, consume(15), start_of_test)->front();
  event.booked.slices.back().lot = numbered<lot_id>(77);

  EXPECT_THROW(evolve(account, event), std::logic_error);
}

TEST(CreditAccountTest, GrantsAndBonusesCountAsCreditsThatCameIn) {
  for (const auto type : {entry_type::grant, entry_type::bonus}) {
    auto account = an_account().with_lot(1).build();
    auto event = decide(account, receive(a_lot(9, 10)), start_of_test)->front();
    event.booked.type = type;

    evolve(account, event);

    EXPECT_EQ(account.totals.lifetime_in, credits{11});
    EXPECT_EQ(account.totals.now.available, credits{11});
  }
}

TEST(CreditAccountTest, TakesInEveryOpenedLot) {
  auto account = an_account().with_lot(1).build();
  auto event = decide(account, receive(a_lot(9, 30)), start_of_test)->front();
  event.opened = {a_lot(9, 10, opened_by(2)), a_lot(8, 20, opened_by(2), priority(1))};
  event.booked.slices = {part(10, 9), part(20, 8)};

  evolve(account, event);

  EXPECT_THAT(account.lots, ElementsAre(event.opened[1], a_lot(1, 1), event.opened[0]));
  EXPECT_EQ(account.totals.now.available, credits{31});
}

TEST(CreditAccountTest, ReturnsFromItsSnapshot) {
  auto account =
      an_account().with_lot(10, held(3)).with_lot(20, expires_in(3d)).with_used(4).frozen().build();
  account.head[5] = 1;

  EXPECT_EQ(restore(snapshot_of(account)), account);
}

TEST(CreditAccountTest, ASnapshotMayListLotsInAnyOrder) {
  const auto account =
      an_account().with_lot(10).with_lot(20, expires_in(3d)).with_lot(5, priority(1)).build();
  auto snapshot = snapshot_of(account);
  std::reverse(snapshot.lots.begin(), snapshot.lots.end());

  EXPECT_EQ(restore(snapshot), account);
}

TEST(ViewTest, ShowsTheBalance) {
  const auto account = an_account().with_lot(10, held(3)).with_lot(20, only_for("hr")).with_used(4).build();

  const auto seen = view(account, "crm", start_of_test);

  EXPECT_EQ(seen.seq, account.seq);
  EXPECT_EQ(seen.as_of, start_of_test);
  EXPECT_EQ(seen.now, (balances{credits{27}, credits{3}, credits{4}, credits{0}}));
  EXPECT_EQ(seen.now.total(), credits{34});
  EXPECT_EQ(seen.usable, credits{7});
  EXPECT_EQ(seen.lots, account.lots);
  EXPECT_EQ(view(account, "", start_of_test).usable, credits{27});
}

TEST(ViewTest, LeavesOutWhatIsOverWhetherOrNotItIsBooked) {
  auto account = an_account().with_lot(10, expires_in(1us)).with_lot(20).build();

  const auto before = view(account, "crm", start_of_test);
  const auto after = view(account, "crm", start_of_test + tick);
  book(account, decide(account, expire_lots{}, start_of_test + tick));
  const auto booked = view(account, "crm", start_of_test + tick);

  EXPECT_EQ(before.now.total(), credits{30});
  EXPECT_EQ(after.now.available, credits{20});
  EXPECT_EQ(after.now.total(), credits{20});
  EXPECT_EQ(after.usable, credits{20});
  EXPECT_EQ(booked.now, after.now);
  EXPECT_EQ(booked.lots, after.lots);
}

TEST(ViewTest, KeepsWhatAHoldProtects) {
  const auto account = an_account().with_lot(10, expires_in(0us), held(4)).build();

  const auto seen = view(account, "crm", start_of_test);

  EXPECT_EQ(seen.now, (balances{credits{0}, credits{4}, credits{0}, credits{0}}));
  EXPECT_THAT(seen.lots, IsEmpty());
}

TEST(ViewTest, ListsALotOfTheFutureWithoutCallingItUsable) {
  const auto account = an_account().with_lot(10, effective_in(1us)).build();

  const auto seen = view(account, "crm", start_of_test);

  EXPECT_EQ(seen.usable, credits{0});
  EXPECT_EQ(seen.now.available, credits{10});
  EXPECT_EQ(seen.lots, account.lots);
}

TEST(ViewTest, IsNeverOlderThanTheLastEntry) {
  const auto account = an_account().with_lot(10, expires_in(0us)).booked_at(start_of_test).build();

  const auto seen = view(account, "crm", start_of_test - 1h);

  EXPECT_EQ(seen.as_of, start_of_test);
  EXPECT_EQ(seen.now.available, credits{0});
}

} // namespace
} // namespace tessera::test
