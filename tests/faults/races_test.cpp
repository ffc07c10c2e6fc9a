#include "tests/faults/fault_fixture.hpp"
#include "tests/support/json.hpp"

#include <atomic>
#include <barrier>

namespace tessera::test {

namespace {

using RacesTest = FaultTest;

TEST_F(RacesTest, ManyCallsWithOneKeySpendOnce) {
  constexpr std::size_t callers = 64;
  constexpr int keys = 20;
  buy(0, bank::large_credits);
  std::vector<order> wishes;
  for (int i = 0; i < keys; ++i)
    wishes.push_back(orders_.open(action::consume, 0, 5));
  std::barrier together(callers);
  std::atomic<int> first_answers{0};

  in_parallel(callers, [&](std::uint16_t index) {
    auto line = make_caller(index);
    for (const auto& wish : wishes) {
      together.arrive_and_wait();
      const auto answer = line.ask(wish, orders_.next_attempt(wish.op), 0);
      ASSERT_TRUE(answer && answer->ok()) << line.last().response.body;
      first_answers += answer->replayed ? 0 : 1;
    }
  });

  EXPECT_EQ(first_answers, keys);
  EXPECT_EQ(read(0).used, keys * 5);
  expect_no_violation();
}

/// What a refusal must say (contract 4 `refusals`).
void expect_whole_refusal(const std::string& body, const std::string& entity) {
  EXPECT_EQ(text_at(body, "/code"), "insufficient_credits");
  EXPECT_EQ(text_at(body, "/blockedBy/kind"), "balance");
  EXPECT_EQ(text_at(body, "/blockedBy/entityType"), "organization");
  EXPECT_EQ(text_at(body, "/blockedBy/entityId"), entity);
  EXPECT_TRUE(integer_at(body, "/wouldAllow"));
  EXPECT_TRUE(integer_at(body, "/requested"));
}

TEST_F(RacesTest, AStormOnANearlyEmptyBalanceEndsAtExactlyZero) {
  constexpr std::size_t callers = 64;
  constexpr int calls = 5;
  buy(0, bank::small_credits);
  std::barrier together(callers);
  std::atomic<std::int64_t> spent{0};
  std::atomic<std::int64_t> refused{0};

  in_parallel(callers, [&](std::uint16_t index) {
    auto line = make_caller(index);
    together.arrive_and_wait();
    for (int i = 0; i < calls; ++i) {
      const auto answer = spend(line, 0, 1);
      ASSERT_TRUE(answer && (answer->ok() || answer->decided_no())) << line.last().response.body;
      if (answer->decided_no()) expect_whole_refusal(line.last().response.body, bank_.entities[0]);
      (answer->ok() ? spent : refused) += 1;
    }
  });

  EXPECT_EQ(spent, bank::small_credits);
  EXPECT_EQ(refused, static_cast<std::int64_t>(callers) * calls - bank::small_credits);
  EXPECT_EQ(read(0).available, 0);
  expect_no_violation();
}

/// Amounts that do not divide the balance: whoever is refused takes what would have been allowed, until
/// nothing is.
TEST_F(RacesTest, WhatARefusalOffersIsThereUnlessSomebodyTookIt) {
  buy(0, bank::small_credits);

  in_parallel(16, [&](std::uint16_t index) {
    auto line = make_caller(index);
    auto amount = std::int64_t{7};
    for (int i = 0; i < 100 && amount > 0; ++i) {
      const auto answer = spend(line, 0, amount);
      ASSERT_TRUE(answer && (answer->ok() || answer->decided_no())) << line.last().response.body;
      if (answer->decided_no()) amount = answer->would_allow;
    }
    EXPECT_EQ(amount, 0);
  });

  EXPECT_EQ(read(0).available, 0);
  expect_no_violation();
}

} // namespace

} // namespace tessera::test
