#include "actors/account/simulating.hpp"
#include "actors/domain/credit_account.hpp"
#include "tests/support/builders.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

namespace {

constexpr credits limit{credits::limit};

credits most(const credit_account& account, const simulated_command& command) {
  const auto told = simulate(account, command, start_of_test);
  return told ? told->would_allow : told.why().would_allow;
}

} // namespace

TEST(SimulatingTest, TheMostIsTheSameWhetherOrNotTheAmountPasses) {
  const auto account = an_account().with_lot(70).with_lot(30, only_for("hr")).build();

  for (const auto amount : {1, 70, 71, 500}) {
    EXPECT_EQ(most(account, consume(amount)), credits{70}) << amount;
    EXPECT_EQ(most(account, hold(amount)), credits{70}) << amount;
    EXPECT_EQ(most(account, allocate({leg_to(1, amount)})), credits{100}) << amount; // whoever they are for
  }
  for (const auto amount : {std::int64_t{1}, credits::limit - 100, credits::limit})
    EXPECT_EQ(most(account, receive(a_lot(9, amount))), limit - credits{100}) << amount;
}

TEST(SimulatingTest, TheMostIsTheLargestNumberWhereThatPasses) {
  EXPECT_EQ(most(an_account().with_lot(credits::limit).build(), consume(1)), limit);
  EXPECT_EQ(most(an_account().build(), receive(a_lot(9, 1))), limit);
}

TEST(SimulatingTest, WhatHasNoAmountHasNoMost) {
  const auto account = an_account().with_lot(10).build();

  const auto told = simulate(account, change_frozen(true), start_of_test);

  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->would_allow, credits{0});
  EXPECT_EQ(told->events.back().booked.type, entry_type::freeze);
  EXPECT_FALSE(account.frozen);
}

} // namespace tessera::test
