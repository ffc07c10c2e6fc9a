#include "http/server/fair_shares.hpp"

#include <gtest/gtest.h>

namespace tessera::http::test {
namespace {

constexpr std::uint64_t greedy_key = 11, other_greedy_key = 12, modest_key = 21, unknown_key = 31;
constexpr std::uint64_t greedy = 1, modest = 2;

class FairSharesTest : public testing::Test {
protected:
  FairSharesTest() {
    shares.learn(greedy_key, greedy);
    shares.learn(other_greedy_key, greedy);
    shares.learn(modest_key, modest);
  }
  void take(std::uint64_t caller, int count) {
    for (int n = 0; n < count; ++n)
      shares.took(caller, now);
  }
  bool is_modest(std::uint64_t caller) { return shares.is_modest(caller, now); }

  fair_shares shares;
  std::int64_t now = 1'000'000;
};

TEST_F(FairSharesTest, NobodyIsModestAlone) {
  EXPECT_FALSE(is_modest(greedy_key));
  take(greedy_key, 100);
  EXPECT_FALSE(is_modest(greedy_key));
}

TEST_F(FairSharesTest, WhoTakesLessThanHalfOfWhatTheGreediestTakesIsModest) {
  take(greedy_key, 100);
  take(modest_key, 49);
  EXPECT_TRUE(is_modest(modest_key));
  EXPECT_FALSE(is_modest(greedy_key));
  take(modest_key, 1);
  EXPECT_FALSE(is_modest(modest_key));
}

TEST_F(FairSharesTest, AllKeysOfATenantAreOneOwner) {
  take(greedy_key, 100);
  EXPECT_FALSE(is_modest(other_greedy_key));
}

// Whoever shows another key with each call is no crowd of modest callers.
TEST_F(FairSharesTest, CallersThatNobodyKnowsAreOneOwner) {
  for (std::uint64_t key = 1'000; key < 1'100; ++key)
    take(key, 1);
  EXPECT_FALSE(is_modest(unknown_key));
  EXPECT_TRUE(is_modest(modest_key));
}

TEST_F(FairSharesTest, WhatIsLongAgoIsForgotten) {
  take(greedy_key, 1'000);
  now += 100'000;
  take(modest_key, 400);
  EXPECT_FALSE(is_modest(modest_key)) << "a half-life later a thousand are five hundred";
  now += 10'000'000;
  EXPECT_FALSE(is_modest(modest_key));
  EXPECT_EQ(shares.owners(), 0u);
}

TEST_F(FairSharesTest, IsBounded) {
  for (std::uint64_t key = 100; key < 200'000; ++key) {
    shares.learn(key, key);
    shares.took(key, now);
  }
  EXPECT_LE(shares.callers(), 65'536u);
  EXPECT_LE(shares.owners(), 16'384u);
}

} // namespace
} // namespace tessera::http::test
