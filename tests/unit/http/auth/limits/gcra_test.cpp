#include "http/auth/limits/gcra.hpp"
#include "http/auth/limits/rate_headers.hpp"
#include "http/auth/limits/rate_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

constexpr rate ten_a_minute{10, 1min};
constexpr std::int64_t start = 1'000'000'000'000;

std::int64_t after(std::chrono::nanoseconds time) {
  return start + time.count();
}

} // namespace

TEST(GcraTest, AllowsTheBurstAndThenOneForEachInterval) {
  arrival_ns arrival = 0;
  for (int i = 0; i < 10; ++i) {
    const auto said = take(arrival, ten_a_minute, start);
    EXPECT_TRUE(said.allowed);
    EXPECT_EQ(9 - i, said.remaining);
  }
  const auto refused = take(arrival, ten_a_minute, start);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(0, refused.remaining);
  EXPECT_EQ(6s, refused.wait);
  EXPECT_EQ(1min, refused.whole);

  EXPECT_FALSE(take(arrival, ten_a_minute, after(6s - 1ns)).allowed);
  EXPECT_TRUE(take(arrival, ten_a_minute, after(6s)).allowed);
  EXPECT_FALSE(take(arrival, ten_a_minute, after(6s)).allowed);
}

TEST(GcraTest, ARefusalCostsNothing) {
  arrival_ns arrival = 0;
  for (int i = 0; i < 100; ++i)
    take(arrival, ten_a_minute, start);
  EXPECT_TRUE(take(arrival, ten_a_minute, after(6s)).allowed);
}

TEST(GcraTest, AllIsForgottenAfterThePeriod) {
  arrival_ns arrival = 0;
  for (int i = 0; i < 10; ++i)
    take(arrival, ten_a_minute, start);
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(take(arrival, ten_a_minute, after(1min)).allowed);
}

TEST(GcraTest, NeverAllowsMoreThanTwiceTheLimitInAPeriod) {
  arrival_ns arrival = 0;
  std::vector<std::int64_t> allowed;
  for (std::int64_t second = 0; second < 300; ++second)
    for (int i = 0; i < 5; ++i)
      if (take(arrival, ten_a_minute, after(std::chrono::seconds(second))).allowed) allowed.push_back(second);
  for (const auto from : allowed) {
    const auto within =
        std::count_if(allowed.begin(), allowed.end(), [&](auto at) { return at >= from && at < from + 60; });
    EXPECT_LE(within, 20);
  }
  EXPECT_EQ(10 + 299 / 6, static_cast<int>(allowed.size()));
}

TEST(GcraTest, WhatIsGivenBackCanBeTakenAgain) {
  arrival_ns arrival = 0;
  for (int i = 0; i < 10; ++i)
    take(arrival, ten_a_minute, start);
  give_back(arrival, ten_a_minute);
  EXPECT_TRUE(take(arrival, ten_a_minute, start).allowed);
  EXPECT_FALSE(take(arrival, ten_a_minute, start).allowed);
}

TEST(RateTableTest, EachKeyHasItsOwn) {
  rate_table table({1, 1min});
  EXPECT_TRUE(table.take(1, start).allowed);
  EXPECT_FALSE(table.take(1, start).allowed);
  EXPECT_TRUE(table.take(2, start).allowed);
}

TEST(RateTableTest, LookingTakesNothing) {
  rate_table table({1, 1min});
  EXPECT_TRUE(table.look(1, start).allowed);
  EXPECT_EQ(0u, table.size());
  EXPECT_TRUE(table.take(1, start).allowed);
  const auto seen = table.look(1, start);
  EXPECT_FALSE(seen.allowed);
  EXPECT_EQ(1min, seen.wait);
  EXPECT_FALSE(table.look(1, after(1min - 1ns)).allowed);
  EXPECT_TRUE(table.look(1, after(1min)).allowed);
}

TEST(RateTableTest, WithoutALimitNothingIsKept) {
  rate_table table({});
  EXPECT_TRUE(table.take(1, start).allowed);
  EXPECT_EQ(0u, table.size());
}

TEST(RateTableTest, IsBoundedAndForgetsWhatIsOverFirst) {
  rate_table table({1, 1min}, 128); // two in each shard
  EXPECT_TRUE(table.take(7, start).allowed);
  EXPECT_TRUE(table.take(8, after(59s)).allowed);
  EXPECT_TRUE(table.take(9, after(61s)).allowed); // 7 is over
  EXPECT_FALSE(table.take(8, after(61s)).allowed);
  for (std::uint64_t key = 0; key < 10'000; ++key)
    table.take(key, after(62s));
  EXPECT_LE(table.size(), 128u);
}

TEST(RateTableTest, ManyThreadsTakeNoMoreThanThereIs) {
  rate_table table({1'000, 1h});
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 1'000; ++n)
        allowed += table.take(1, start).allowed ? 1 : 0;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(1'000, allowed);
}

/// Prints what a call costs: decision 0027 says it.
TEST(RateTableTest, CostsLittle) {
  rate_table table({1'000'000'000, 1s});
  constexpr int times = 1'000'000;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i)
    ASSERT_TRUE(table.take(static_cast<std::uint64_t>(i % 64) << 58 | 1, start + i).allowed);
  const auto took = std::chrono::steady_clock::now() - began;
  const auto each = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count() / times;
  RecordProperty("nanoseconds_each", static_cast<int>(each));
  std::cout << "an uncontended check: " << each << " ns\n";
  EXPECT_LT(each, 5'000);
}

TEST(RateHeadersTest, SayTheLimitAndWhatIsLeft) {
  arrival_ns arrival = 0;
  auto said = take(arrival, ten_a_minute, start);
  EXPECT_THAT(
      rate_headers("sign-in", ten_a_minute, said),
      ElementsAre(Pair("RateLimit-Policy", "\"sign-in\";q=10;w=60"), Pair("RateLimit", "\"sign-in\";r=9;t=6"))
  );
  while (said.allowed)
    said = take(arrival, ten_a_minute, start);
  const auto refused = rate_limited("sign-in", ten_a_minute, said);
  EXPECT_EQ(429u, refused.status);
  EXPECT_EQ("rate_limited", refused.code);
  EXPECT_EQ(6, refused.retry_after_seconds);
}

} // namespace tessera::http
