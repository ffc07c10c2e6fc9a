#include "actors/domain/endpoint_pause.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using enum endpoint_conduct;

delivery_outcome ended(delivery_failure failure) {
  return {failure, {}, {}, {}};
}

TEST(EndpointPauseTest, WhatFailsOrComesLateIsTrouble) {
  EXPECT_EQ(conduct_of(ended(delivery_failure::none), 5s), prompt);
  EXPECT_EQ(conduct_of(ended(delivery_failure::none), 5s + 1us), slow);
  EXPECT_EQ(conduct_of(ended(delivery_failure::permanent_recipient), 10ms), prompt);
  for (const auto failure :
       {delivery_failure::transient, delivery_failure::ambiguous, delivery_failure::permanent_config})
    EXPECT_EQ(conduct_of(ended(failure), 10ms), failed);
}

TEST(EndpointPauseTest, GrowsUpToAnHour) {
  const auto outcome = ended(delivery_failure::ambiguous);
  auto before = 0ms;
  for (std::int64_t troubles = 1; troubles <= 11; ++troubles) {
    const auto least = pause_after(failed, troubles, 0, outcome, 15s);
    EXPECT_EQ(least, 1'000ms * (1 << (troubles - 1)));
    EXPECT_GE(least, before) << "whatever chance said the time before";
    before = pause_after(failed, troubles, 0.999'999, outcome, 15s);
    EXPECT_LT(before, 2 * least);
  }
  EXPECT_EQ(pause_after(failed, 1'000, 0, outcome, 15s), 30min);
  EXPECT_LE(pause_after(failed, 1'000, 0.999'999, outcome, 15s), 1h);
  EXPECT_EQ(pause_after(prompt, 7, 0.5, outcome, 15s), 0ms);
}

/// The room that those in trouble have keeps others safe; a longer pause would let the queue grow for ever.
TEST(EndpointPauseTest, OneThatIsSlowRestsNoLongerThanItTook) {
  const auto outcome = ended(delivery_failure::none);
  EXPECT_EQ(pause_after(slow, 1, 0, outcome, 6s), 1s);
  EXPECT_EQ(pause_after(slow, 1'000, 0, outcome, 6s), 3s);
  EXPECT_LE(pause_after(slow, 1'000, 0.999'999, outcome, 6s), 6s);
  EXPECT_LE(pause_after(slow, 1'000, 0.999'999, outcome, 2min), 1min);
}

TEST(EndpointPauseTest, IsNoShorterThanWhatIsAskedFor) {
  auto outcome = ended(delivery_failure::transient);
  outcome.retry_after = 90s;
  EXPECT_EQ(pause_after(failed, 1, 0.5, outcome, 15s), 90s);
  EXPECT_EQ(pause_after(failed, 11, 0, outcome, 15s), 1'024s);
  outcome.retry_after = 24h;
  EXPECT_EQ(pause_after(failed, 1, 0.5, outcome, 15s), 1h);
}

} // namespace
} // namespace tessera::test
