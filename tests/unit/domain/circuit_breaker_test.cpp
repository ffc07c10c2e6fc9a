#include "actors/domain/circuit_breaker.hpp"
#include "actors/domain/provider_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using enum delivery_failure;
using state = circuit_breaker::state;

constexpr time_point start{1'764'500'000s};

delivery_outcome outcome(delivery_failure failure, bool provider_failed = false) {
  delivery_outcome told;
  told.failure = failure;
  told.provider_failed = provider_failed;
  return told;
}
const auto taken = outcome(none);
const auto away = outcome(transient, true);
const auto lost = outcome(ambiguous);
const auto no_such_recipient = outcome(permanent_recipient);

provider_order two() {
  return provider_order({"smtp", "smtp_fallback"});
}

} // namespace

TEST(CircuitBreakerTest, OpensAfterFiveFailuresInARow) {
  circuit_breaker breaker;
  for (int i = 0; i < 4; ++i)
    breaker.note(false, start);
  breaker.note(true, start);
  for (int i = 0; i < 4; ++i)
    breaker.note(false, start);
  EXPECT_EQ(state::closed, breaker.state_at(start));
  breaker.note(false, start);
  EXPECT_EQ(state::open, breaker.state_at(start));
  EXPECT_EQ(0, breaker.admits(start, 10));
}

TEST(CircuitBreakerTest, OpensWhenMoreThanHalfOfTwentyFail) {
  circuit_breaker half;
  for (int i = 0; i < 40; ++i)
    half.note(i % 2 == 0, start);
  EXPECT_EQ(state::closed, half.state_at(start)) << "half is not more than half";
  half.note(false, start);
  EXPECT_EQ(state::open, half.state_at(start));
  circuit_breaker young;
  for (int i = 0; i < 12; ++i)
    young.note(i % 3 == 0, start);
  EXPECT_EQ(state::closed, young.state_at(start)) << "not known for long enough";
}

TEST(CircuitBreakerTest, LetsOneTryAfterAWhile) {
  circuit_breaker breaker;
  for (int i = 0; i < 5; ++i)
    breaker.note(false, start);
  EXPECT_EQ(0, breaker.admits(start + 29s, 10));
  EXPECT_EQ(state::half_open, breaker.state_at(start + 30s));
  EXPECT_EQ(1, breaker.admits(start + 30s, 10));
  breaker.note(false, start + 31s);
  EXPECT_EQ(0, breaker.admits(start + 60s, 10)) << "once more from the beginning";
  breaker.note(true, start + 62s);
  EXPECT_EQ(10, breaker.admits(start + 62s, 10));
  for (int i = 0; i < 4; ++i)
    breaker.note(false, start + 63s);
  EXPECT_EQ(state::closed, breaker.state_at(start + 63s)) << "what was is forgotten";
}

TEST(ProviderOrderTest, AsksTheFirstOneThatIsWell) {
  auto order = two();
  EXPECT_THAT(order.candidates(start), ElementsAre(0, 1));
  for (int i = 0; i < 5; ++i)
    order.note(0, away, start);
  EXPECT_THAT(order.candidates(start), ElementsAre(1));
  EXPECT_THAT(order.candidates(start + 30s), ElementsAre(0, 1)) << "the first one may try again";
  EXPECT_EQ(10, order.admits(start, 10));
  for (int i = 0; i < 5; ++i)
    order.note(1, away, start);
  EXPECT_THAT(order.candidates(start), IsEmpty());
  EXPECT_EQ(0, order.admits(start, 10));
}

TEST(ProviderOrderTest, WhatOneMayHaveIsForThatOneOnly) {
  auto order = two();
  EXPECT_THAT(order.candidates(start, "smtp"), ElementsAre(0));
  EXPECT_THAT(order.candidates(start, "smtp_fallback"), ElementsAre(1));
  for (int i = 0; i < 5; ++i)
    order.note(0, lost, start);
  EXPECT_THAT(order.candidates(start, "smtp"), IsEmpty()) << "it waits, and goes to nobody else";
  EXPECT_THAT(order.candidates(start, "spool"), ElementsAre(1)) << "one that is not configured any more";
}

TEST(ProviderOrderTest, ARecipientsFaultIsNotTheProviders) {
  auto order = two();
  for (int i = 0; i < 50; ++i)
    order.note(0, i % 2 == 0 ? no_such_recipient : outcome(transient), start);
  EXPECT_THAT(order.candidates(start), ElementsAre(0, 1));
}

TEST(ProviderOrderTest, MovesOnOnlyFromWhoHasNotGotTheMessage) {
  EXPECT_TRUE(may_move_on(away));
  EXPECT_TRUE(may_move_on(outcome(permanent_config, true))) << "a sign-in that is refused";
  EXPECT_FALSE(may_move_on(taken));
  EXPECT_FALSE(may_move_on(lost));
  EXPECT_FALSE(may_move_on(outcome(ambiguous, true)));
  EXPECT_FALSE(may_move_on(no_such_recipient));
  EXPECT_FALSE(may_move_on(outcome(permanent_config))) << "a message that nobody takes";
}

} // namespace tessera
