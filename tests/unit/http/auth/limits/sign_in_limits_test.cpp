#include "http/auth/limits/sign_in_limits.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

namespace {

constexpr std::int64_t minute = 60'000'000'000;

class SignInLimitsTest : public testing::Test {
protected:
  bool fail(const std::string& account, const std::string& from) {
    return !limits.begin(account, *parse_ip_address(from), now).refused;
  }
  bool succeed(const std::string& account, const std::string& from) {
    const auto attempt = limits.begin(account, *parse_ip_address(from), now);
    if (!attempt.refused) limits.succeeded(attempt);
    return !attempt.refused;
  }
  int failures_until_refused(const std::string& account, const std::string& from) {
    int count = 0;
    while (count < 1'000 && fail(account, from))
      ++count;
    return count;
  }

  sign_in_limits limits{1};
  std::int64_t now = 1'000 * minute;
};

} // namespace

TEST_F(SignInLimitsTest, TenFailuresFromOneNetwork) {
  EXPECT_EQ(10, failures_until_refused("a@b.example", "192.0.2.1"));
  EXPECT_FALSE(fail("a@b.example", "192.0.2.200"));    // its neighbour
  EXPECT_TRUE(succeed("a@b.example", "198.51.100.1")); // the owner, elsewhere
  EXPECT_TRUE(fail("c@b.example", "192.0.2.1"));       // somebody else, there
  now += 2 * minute;                                   // one each 90 s
  EXPECT_TRUE(fail("a@b.example", "192.0.2.1"));
  EXPECT_FALSE(fail("a@b.example", "192.0.2.1"));
  now += 15 * minute; // never for good
  EXPECT_EQ(10, failures_until_refused("a@b.example", "192.0.2.1"));
}

TEST_F(SignInLimitsTest, AHundredFailuresOfAnAccountFromEverywhere) {
  int failed = 0;
  for (int i = 0; i < 200; ++i)
    failed += fail("a@b.example", "10.0." + std::to_string(i) + ".1") ? 1 : 0;
  EXPECT_EQ(100, failed);
  EXPECT_FALSE(succeed("a@b.example", "198.51.100.1"));
  now += minute / 60 * 10; // nine seconds later there is room for one
  EXPECT_TRUE(succeed("a@b.example", "198.51.100.1"));
}

TEST_F(SignInLimitsTest, WhereTheOwnerSignedInBeforeTheyAreNotKeptOut) {
  EXPECT_TRUE(succeed("a@b.example", "198.51.100.1"));
  for (int i = 0; i < 200; ++i)
    fail("a@b.example", "10.0." + std::to_string(i) + ".1");
  EXPECT_TRUE(succeed("a@b.example", "198.51.100.1"));
  EXPECT_EQ(10, failures_until_refused("a@b.example", "198.51.100.1")); // which is no way to guess
}

TEST_F(SignInLimitsTest, AHundredFailuresFromOneAddress) {
  int failed = 0;
  for (int i = 0; i < 200; ++i)
    failed += fail("user" + std::to_string(i) + "@b.example", "192.0.2.1") ? 1 : 0;
  EXPECT_EQ(100, failed);
  EXPECT_TRUE(limits.begin(*parse_ip_address("192.0.2.1"), now).refused); // one counter for all ways in
  EXPECT_FALSE(limits.begin(*parse_ip_address("192.0.2.2"), now).refused);
}

TEST_F(SignInLimitsTest, SuccessIsNoFailure) {
  for (int i = 0; i < 500; ++i, now += minute / 60)
    ASSERT_TRUE(succeed("a@b.example", "192.0.2.1"));
}

TEST_F(SignInLimitsTest, AnAccountSignsInSixtyTimesAMinute) {
  int succeeded = 0;
  for (int i = 0; i < 200; ++i)
    succeeded += succeed("a@b.example", "192.0." + std::to_string(i) + ".1") ? 1 : 0;
  EXPECT_EQ(60, succeeded);
  const auto refused = limits.begin("a@b.example", *parse_ip_address("192.0.2.1"), now).refused;
  ASSERT_TRUE(refused);
  EXPECT_EQ(429u, refused->status);
  EXPECT_EQ(1, refused->retry_after_seconds);
  EXPECT_TRUE(succeed("c@b.example", "192.0.2.1")); // somebody else
  now += minute / 60;
  EXPECT_TRUE(succeed("a@b.example", "192.0.2.1"));
  EXPECT_FALSE(succeed("a@b.example", "192.0.2.1"));
}

TEST_F(SignInLimitsTest, FailuresTakeNothingFromSuccess) {
  for (int i = 0; i < 100; ++i)
    fail("a@b.example", "10.0." + std::to_string(i) + ".1");
  now += 15 * minute; // the failures are forgotten
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(succeed("a@b.example", "192.0.2.1")) << i;
}

TEST_F(SignInLimitsTest, ManyAtOnceDoNotSlipThrough) {
  std::vector<sign_in_limits::attempt> under_way;
  for (int i = 0; i < 20; ++i)
    under_way.push_back(limits.begin("a@b.example", *parse_ip_address("192.0.2.1"), now));
  const auto refused = std::count_if(under_way.begin(), under_way.end(), [](const auto& one) {
    return one.refused.has_value();
  });
  EXPECT_EQ(10, refused);
}

TEST_F(SignInLimitsTest, WhatWasRefusedTakesNothingFromTheOthers) {
  failures_until_refused("a@b.example", "192.0.2.1");
  for (int i = 0; i < 1'000; ++i)
    fail("a@b.example", "192.0.2.1");
  EXPECT_TRUE(succeed("c@b.example", "192.0.2.1")); // ten of a hundred are gone, not a thousand
}

TEST_F(SignInLimitsTest, LoopbackAddressesAreClientsOfTheirOwn) {
  EXPECT_EQ(10, failures_until_refused("a@b.example", "127.0.0.2"));
  EXPECT_TRUE(succeed("a@b.example", "127.0.0.3"));
}

TEST(ScaledSignInLimitsTest, ScaleMultiplies) {
  sign_in_limits limits(0.1);
  EXPECT_FALSE(limits.begin("a@b.example", *parse_ip_address("192.0.2.1"), 0).refused);
  EXPECT_TRUE(limits.begin("a@b.example", *parse_ip_address("192.0.2.1"), 0).refused);
}

} // namespace tessera::http
