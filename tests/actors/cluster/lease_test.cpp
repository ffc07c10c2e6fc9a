#include "actors/cluster/lease.hpp"

#include <gtest/gtest.h>

namespace tessera {
namespace {

using namespace std::chrono_literals;

TEST(LeaseTest, IsNothingBeforeItIsTaken) {
  lease fresh;
  EXPECT_FALSE(fresh.is_held());
  EXPECT_FALSE(fresh.is_live());
}

TEST(LeaseTest, LivesUntilItsEnd) {
  lease taken;
  taken.extend(lease::now() + 1h);
  EXPECT_TRUE(taken.is_live());
  taken.extend(lease::now());
  EXPECT_FALSE(taken.is_live());
  EXPECT_TRUE(taken.is_held()); // nobody else has it, as far as we know
}

TEST(LeaseTest, IsOverWhenAnotherHasTakenIt) {
  lease taken;
  taken.extend(lease::now() + 1h);
  taken.lose();
  EXPECT_FALSE(taken.is_live());
  EXPECT_FALSE(taken.is_held());
}

TEST(LeaseTest, CanBeIgnored) {
  lease ignored;
  ignored.ignore();
  EXPECT_TRUE(ignored.is_held());
  EXPECT_TRUE(ignored.is_live());
}

} // namespace
} // namespace tessera
