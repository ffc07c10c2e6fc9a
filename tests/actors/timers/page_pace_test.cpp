#include "actors/timers/page_pace.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tessera {
namespace {

using namespace std::chrono_literals;

/// Accounts that are due, and a node that wakes so many of them in a second; time passes in steps.
class walk_over_time {
public:
  walk_over_time(int due, int woken_in_a_second) : due_(due), woken_in_a_second_(woken_in_a_second) {}

  void pass(std::chrono::milliseconds time) {
    for (auto passed = 0ms; passed < time; passed += step) {
      since_the_last_ += step;
      if (due_ > 0 && pace_.allows_one(since_the_last_, waiting_ < room)) {
        const int reminded = std::min(page, due_);
        due_ -= reminded;
        waiting_ += reminded;
        since_the_last_ = 0ms;
      }
      most_ = std::max(most_, waiting_);
      waiting_ -= std::min(waiting_, static_cast<int>(woken_in_a_second_ * step / 1s));
    }
  }
  bool is_over() const { return due_ == 0 && waiting_ == 0; }
  int most_waiting() const { return most_; }
  int due() const { return due_; }

  static constexpr int page = 256 * 20; // a page of every shard
  static constexpr int room = 10'000;   // half of what may wait

private:
  static constexpr std::chrono::milliseconds step = 10ms;
  page_pace pace_;
  int due_;
  int woken_in_a_second_;
  int waiting_ = 0;
  int most_ = 0;
  std::chrono::milliseconds since_the_last_ = 1h;
};

TEST(PagePaceTest, AMidnightOfAHundredThousandIsOverWithinFiveSeconds) {
  walk_over_time walk(100'000, 30'000);
  walk.pass(5s);
  EXPECT_TRUE(walk.is_over()) << walk.due();
}

TEST(PagePaceTest, ASlowNodeIsRemindedAsFastAsItWakesUp) {
  walk_over_time walk(100'000, 10'000);
  walk.pass(11s);
  EXPECT_TRUE(walk.is_over()) << walk.due();
  EXPECT_LE(walk.most_waiting(), walk.room + walk.page);
}

TEST(PagePaceTest, WhatHasNoRoomWaits) {
  walk_over_time walk(100'000, 1'500);
  walk.pass(30s);
  EXPECT_LE(walk.most_waiting(), walk.room + walk.page);
}

TEST(PagePaceTest, APageComesAtLastThoughOthersFillTheJournal) {
  const page_pace pace;
  EXPECT_FALSE(pace.allows_one(1s, false));
  EXPECT_TRUE(pace.allows_one(pace.patience, false));
}

} // namespace
} // namespace tessera
