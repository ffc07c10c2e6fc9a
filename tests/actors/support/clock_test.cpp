#include "actors/support/clock.hpp"

#include <gtest/gtest.h>

namespace tessera {
namespace {

using namespace std::chrono_literals;

TEST(DatabaseClockTest, BeginsWithTheSystemsTime) {
  const database_clock time;
  const auto system = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  EXPECT_LT(std::chrono::abs(time.now() - system), 1min);
}

TEST(DatabaseClockTest, FollowsTheDatabaseFromTheMiddleOfTheQuestion) {
  database_clock time;
  const auto there = time_point{std::chrono::sys_days{std::chrono::January / 1 / 2040}};
  const auto asked = std::chrono::steady_clock::now();
  time.adjust(asked - 2s, asked, there);
  EXPECT_GE(time.now(), there + 1s);
  EXPECT_LT(time.now(), there + 1min);
}

TEST(DatabaseClockTest, RunsOn) {
  database_clock time;
  const auto first = time.now();
  EXPECT_GE(time.now(), first);
}

} // namespace
} // namespace tessera
