#include "actors/domain/delivery_retry.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

namespace {

using namespace std::chrono_literals;
using enum delivery_failure;

delivery_report after(delivery_failure failure, int attempts, double chance = 0.999) {
  return report_of({failure, "why", {}, {}}, attempts, chance);
}

} // namespace

TEST(DeliveryRetryTest, WhatWasTakenIsSent) {
  EXPECT_EQ(notification_status::sent, after(none, 1).status);
}

TEST(DeliveryRetryTest, WaitsUpToTwiceAsLongEachTimeAndNoLongerThanAnHour) {
  EXPECT_EQ(0ms, after(transient, 1, 0).delay); // full jitter
  EXPECT_EQ(2'500ms, after(transient, 1, 0.5).delay);
  EXPECT_EQ(5'000ms, after(transient, 2, 0.5).delay);
  EXPECT_EQ(10'000ms, after(ambiguous, 3, 0.5).delay);
  EXPECT_LE(report_of({transient, {}, {}, {}}, 40, 0.999, {.most_attempts = 100}).delay, 1h);
}

TEST(DeliveryRetryTest, GivesUpAfterSixteenAttempts) {
  EXPECT_EQ(notification_status::queued, after(transient, 15).status);
  EXPECT_EQ(notification_status::dead, after(transient, 16).status);
}

TEST(DeliveryRetryTest, OutlivesAMailServerThatIsAwayForAnHour) {
  std::chrono::milliseconds tried{};
  for (int attempts = 1; attempts < 16; ++attempts)
    tried += after(transient, attempts, 0.5).delay;
  EXPECT_GT(tried, 2h);
}

TEST(DeliveryRetryTest, WhatWillNeverWorkIsNotTriedAgain) {
  EXPECT_EQ(notification_status::dead, after(permanent_recipient, 1).status);
  EXPECT_EQ(notification_status::dead, after(permanent_config, 1).status);
}

TEST(DeliveryRetryTest, WaitsAsLongAsItIsAskedToButNotForGood) {
  EXPECT_EQ(90s, report_of({transient, {}, {}, 90s}, 1, 0).delay);
  EXPECT_EQ(24h, report_of({transient, {}, {}, 1'000'000s}, 1, 0).delay);
}

} // namespace tessera::test
