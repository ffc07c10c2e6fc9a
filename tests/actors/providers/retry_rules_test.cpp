#include "actors/providers/retry_rules.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

using std::chrono::milliseconds;

outgoing_outcome answered(int status, outgoing_headers headers = {}, int attempts = 1) {
  outgoing_outcome outcome;
  outcome.answer.status = status;
  outcome.answer.headers = std::move(headers);
  outcome.attempts = attempts;
  return outcome;
}

outgoing_outcome failed(outgoing_failure how) {
  outgoing_outcome outcome;
  outcome.failure = how;
  outcome.attempts = 1;
  return outcome;
}

const outgoing_request three_times{.attempts = 3};

bool is_sent_again(const outgoing_outcome& last) {
  return pause_before_next(three_times, last, 0).has_value();
}

} // namespace

TEST(RetryRulesTest, WhatMayHelpIsSentAgain) {
  for (const int status : {409, 429, 500, 502, 503, 599})
    EXPECT_TRUE(is_sent_again(answered(status))) << status;
  for (const int status : {200, 204, 301, 400, 401, 402, 404, 422})
    EXPECT_FALSE(is_sent_again(answered(status))) << status;
  for (const auto how :
       {outgoing_failure::not_connected, outgoing_failure::lost, outgoing_failure::timed_out})
    EXPECT_TRUE(is_sent_again(failed(how)));
  for (const auto how :
       {outgoing_failure::refused_address, outgoing_failure::too_long, outgoing_failure::stopped})
    EXPECT_FALSE(is_sent_again(failed(how)));
}

TEST(RetryRulesTest, TheOtherSideKnowsBetter) {
  EXPECT_FALSE(is_sent_again(answered(500, {{"stripe-should-retry", "false"}})));
  EXPECT_TRUE(is_sent_again(answered(400, {{"stripe-should-retry", "true"}})));
  EXPECT_TRUE(is_sent_again(answered(503, {{"stripe-should-retry", "perhaps"}})));
}

TEST(RetryRulesTest, EndsAfterAsManyAsAreAllowed) {
  EXPECT_TRUE(pause_before_next(three_times, answered(500, {}, 2), 0));
  EXPECT_FALSE(pause_before_next(three_times, answered(500, {}, 3), 0));
  EXPECT_FALSE(pause_before_next({}, answered(500), 0));
}

TEST(RetryRulesTest, WaitsTwiceAsLongEachTimeLessWhatTheDiceSay) {
  const outgoing_request often{.attempts = 100};
  EXPECT_EQ(milliseconds(250), pause_before_next(often, answered(500, {}, 1), 0));
  EXPECT_EQ(milliseconds(500), pause_before_next(often, answered(500, {}, 2), 0));
  EXPECT_EQ(milliseconds(375), pause_before_next(often, answered(500, {}, 2), 0.5));
  EXPECT_EQ(milliseconds(8'000), pause_before_next(often, answered(500, {}, 6), 0));
  EXPECT_EQ(milliseconds(8'000), pause_before_next(often, answered(500, {}, 99), 0));
}

TEST(RetryRulesTest, NeverSoonerThanItIsAskedTo) {
  EXPECT_EQ(milliseconds(3'000), pause_before_next(three_times, answered(429, {{"retry-after", "3"}}), 0.9));
  EXPECT_EQ(milliseconds(250), pause_before_next(three_times, answered(429, {{"retry-after", "0"}}), 0));
  EXPECT_EQ(milliseconds(60'000), pause_before_next(three_times, answered(429, {{"retry-after", "60"}}), 0));
  for (const auto* long_time : {"61", "99999999999", "9223372036854775807"})
    EXPECT_FALSE(pause_before_next(three_times, answered(429, {{"retry-after", long_time}}), 0)) << long_time;
  for (const auto* no_number : {"", "soon", "-1", "1.5", "Mon, 30 Nov 2026 08:00:00 GMT"})
    EXPECT_EQ(
        milliseconds(250), pause_before_next(three_times, answered(429, {{"retry-after", no_number}}), 0)
    ) << no_number;
}

} // namespace tessera
