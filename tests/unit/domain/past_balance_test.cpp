#include "actors/domain/past_balance.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

/// An account that buys 100 that end in an hour, spends 30 of them, and then buys 50 that never end.
class PastBalanceTest : public testing::Test {
protected:
  PastBalanceTest() {
    ledger.push_back(genesis(start_of_test));
    evolve(account, ledger.back());
    auto first = receive(a_lot(1, 100, expires_in(1h)));
    first.lots.front().effective_at = {};
    book(account, *decide(account, first, start_of_test + 1min), ledger);
    book(account, *decide(account, consume(30), start_of_test + 2min), ledger);
    book(account, *decide(account, receive(a_lot(2, 50)), start_of_test + 3min), ledger);
  }

  balance_view at(time_point instant) const {
    past_balance past(instant);
    for (const auto& event : ledger)
      if (!past.fold(event)) break;
    return past.view("crm");
  }

  credit_account account;
  std::vector<account_event> ledger;
};

TEST_F(PastBalanceTest, IsAllZerosBeforeTheAccountExisted) {
  const auto seen = at(start_of_test - tick);
  EXPECT_EQ(seen.as_of, start_of_test - tick);
  EXPECT_EQ(seen.seq, 0u);
  EXPECT_EQ(seen.now, balances{});
  EXPECT_EQ(seen.usable, credits{0});
  EXPECT_TRUE(seen.lots.empty());
}

TEST_F(PastBalanceTest, HasWhatWasBookedAtTheVeryInstant) {
  const auto spent_at = ledger[2].booked.booked_at;
  EXPECT_EQ(at(spent_at - tick).usable, credits{100});
  EXPECT_EQ(at(spent_at - tick).seq, 1u);
  EXPECT_EQ(at(spent_at).usable, credits{70});
  EXPECT_EQ(at(spent_at).seq, 2u);
  EXPECT_EQ(at(spent_at).now.used, credits{30});
}

TEST_F(PastBalanceTest, EndsALotAtItsMicrosecondThoughNoEntrySaysSo) {
  const auto end = start_of_test + 1h;
  EXPECT_EQ(at(end - tick).usable, credits{120});
  EXPECT_EQ(at(end - tick).lots.size(), 2u);
  EXPECT_EQ(at(end).usable, credits{50});
  EXPECT_EQ(at(end).now.available, credits{50});
  EXPECT_EQ(at(end).lots.size(), 1u);
}

TEST_F(PastBalanceTest, TakesNothingInThatCameLater) {
  past_balance past(ledger[1].booked.booked_at);
  EXPECT_TRUE(past.fold(ledger[0]));
  EXPECT_TRUE(past.fold(ledger[1]));
  EXPECT_FALSE(past.fold(ledger[2]));
  EXPECT_EQ(past.view("crm").usable, credits{100});
}

TEST_F(PastBalanceTest, IsTheSameFromEverySnapshotOnTheWay) {
  const auto now = start_of_test + 30min;
  const auto whole = at(now);
  credit_account kept;
  for (std::size_t i = 0; i < ledger.size(); ++i) {
    evolve(kept, ledger[i]);
    past_balance past(snapshot_of(kept), now);
    for (auto rest = i + 1; rest < ledger.size(); ++rest)
      EXPECT_TRUE(past.fold(ledger[rest]));
    const auto seen = past.view("crm");
    EXPECT_EQ(seen.seq, whole.seq);
    EXPECT_EQ(seen.now, whole.now);
    EXPECT_EQ(seen.lots, whole.lots);
  }
}

TEST_F(PastBalanceTest, SeesWhatTheApplicationMayUse) {
  book(account, *decide(account, receive(a_lot(3, 7, only_for("hr"))), start_of_test + 4min), ledger);
  const auto seen = at(start_of_test + 5min);
  EXPECT_EQ(seen.usable, credits{120});
  EXPECT_EQ(seen.now.available, credits{127});
  EXPECT_EQ(seen.lots.size(), 3u);
}

} // namespace
} // namespace tessera::test
