#include "actors/domain/auto_topup.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

auto_topup_situation a_situation(std::int64_t available, std::int64_t debt = 0) {
  auto_topup_situation now;
  now.terms.enabled = true;
  now.terms.threshold = credits{500};
  now.terms.max_per_day = 3;
  now.terms.max_per_month = 10;
  now.terms.max_amount_minor_per_month = 10'000;
  now.available = credits{available};
  now.debt = credits{debt};
  now.per_package = credits{200};
  now.price_minor = 1'000;
  return now;
}

} // namespace

TEST(AutoTopupTest, BuysWhatIsMissingInWholePackages) {
  struct row {
    std::int64_t available;
    std::int64_t debt;
    std::int64_t packages;
  };
  for (const auto& [available, debt, packages] :
       {row{501, 0, 0},
        row{500, 0, 1},
        row{499, 0, 1},
        row{300, 0, 1},
        row{299, 0, 2},
        row{0, 0, 3},
        row{0, 100, 3},
        row{0, 101, 4}}) {
    EXPECT_EQ(packages, choose(a_situation(available, debt)).packages) << available << " owing " << debt;
    EXPECT_EQ("", choose(a_situation(available, debt)).cap);
  }
  auto off = a_situation(0);
  off.terms.enabled = false;
  EXPECT_EQ(0, choose(off).packages);
}

TEST(AutoTopupTest, NoCapIsExceeded) {
  auto day = a_situation(0);
  day.bought_today = 3;
  EXPECT_EQ("day", choose(day).cap);
  auto month = a_situation(0);
  month.bought_this_month = 10;
  EXPECT_EQ("month", choose(month).cap);
  auto money = a_situation(0);
  money.amount_minor_this_month = 8'000;
  EXPECT_EQ(2, choose(money).packages); // and not three
  money.amount_minor_this_month = 9'001;
  EXPECT_EQ("amount", choose(money).cap);
  money.amount_minor_this_month = 20'000; // the cap was lowered since
  EXPECT_EQ("amount", choose(money).cap);
  for (auto* cap : {&day, &month, &money})
    EXPECT_EQ(0, choose(*cap).packages);
}

TEST(AutoTopupTest, WithoutCapsNothingIsBought) {
  auto none = a_situation(0);
  none.terms.max_per_day.reset();
  EXPECT_EQ(0, choose(none).packages);
  none = a_situation(0);
  none.terms.max_amount_minor_per_month.reset();
  EXPECT_EQ(0, choose(none).packages);
}

TEST(AutoTopupTest, WhatIsFreeAndWhatIsHugeStaysInBounds) {
  auto free = a_situation(0);
  free.price_minor = 0;
  EXPECT_EQ(3, choose(free).packages);
  free.terms.threshold = credits{credits::limit};
  free.per_package = credits{credits::limit / 2 + 1};
  EXPECT_EQ(1, choose(free).packages);
}

} // namespace tessera
