#include "http/reversing.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace tessera::http {

namespace {

using clock = std::chrono::steady_clock;
using call = reversing<reversal_receipt>;

/// A ledger and an account that answer what they were given to answer, in that order.
class ReversingTest : public testing::Test {
protected:
  void start(clock::time_point until = clock::now() + std::chrono::hours(1)) {
    auto read = [this](reversible_query query, call::callback<reversible_spend> then) {
      asked = query;
      ++reads;
      then(next(found));
    };
    auto decide = [this](reverse_spend command, call::callback<reversal_receipt> then) {
      decided.push_back(command);
      then(next(answers));
    };
    auto done = [this](result<reversal_receipt> answer) { told.push_back(std::move(answer)); };
    reverse_spend command;
    command.amount = credits{5};
    command.requested_by = {principal_kind::api_key, "key-1", "crm"};
    reversible_query which;
    which.spent.account.value.bytes[0] = 7;
    which.spent.seq = 3;
    std::make_shared<call>(read, decide, until, done)->start(command, which);
  }

  template <class T> static T next(std::deque<T>& from) {
    auto first = from.front();
    from.pop_front();
    return first;
  }
  static reversible_spend as_of(std::uint64_t seq) {
    reversible_spend spend;
    spend.spent.seq = 3;
    spend.as_of = seq;
    return spend;
  }

  std::deque<result<reversible_spend>> found;
  std::deque<result<reversal_receipt>> answers;
  std::vector<reverse_spend> decided;
  std::vector<result<reversal_receipt>> told;
  reversible_query asked;
  int reads = 0;
};

} // namespace

TEST_F(ReversingTest, TheAccountDecidesOnWhatWasRead) {
  found = {as_of(8)};
  answers = {reversal_receipt{{}, 9, credits{5}, credits{100}, false}};

  start();

  ASSERT_EQ(1u, told.size());
  ASSERT_TRUE(told[0].ok());
  EXPECT_EQ(9u, told[0]->seq);
  ASSERT_EQ(1u, decided.size());
  EXPECT_EQ(asked.spent.account, decided[0].account);
  EXPECT_EQ(8u, decided[0].spend.as_of);
  EXPECT_EQ(credits{5}, decided[0].amount);
}

TEST_F(ReversingTest, ReadsAgainWhereAnotherCameFirst) {
  found = {as_of(8), as_of(9), as_of(10)};
  answers = {
      errc::reversed_meanwhile, errc::reversed_meanwhile, reversal_receipt{{}, 11, credits{5}, {}, false}};

  start();

  ASSERT_EQ(1u, told.size());
  EXPECT_TRUE(told[0].ok());
  EXPECT_EQ(3, reads);
  EXPECT_EQ(10u, decided.back().spend.as_of);
}

TEST_F(ReversingTest, GivesUpWhenTheTimeIsOver) {
  found = {as_of(8)};
  answers = {errc::reversed_meanwhile};

  start(clock::now());

  ASSERT_EQ(1u, told.size());
  EXPECT_EQ(errc::reversed_meanwhile, told[0].code());
  EXPECT_EQ(1, reads);
}

TEST_F(ReversingTest, WhatIsNoSpendIsTheAccountsToRefuse) {
  found = {errc::nothing_to_reverse};
  answers = {errc::idempotency_key_reused};

  start();

  ASSERT_EQ(1u, decided.size()) << "it knows the key";
  EXPECT_TRUE(decided[0].spend.slices.empty());
  EXPECT_EQ(decided[0].requested_by, decided[0].spend.spender) << "there is no spender to be refused for";
  EXPECT_EQ(errc::idempotency_key_reused, told.at(0).code());
}

TEST_F(ReversingTest, WhatIsNotThereIsNobodysToDecide) {
  for (const auto why : {errc::transaction_unknown, errc::database_unavailable}) {
    found = {why};
    start();
    EXPECT_EQ(why, told.back().code());
  }
  EXPECT_TRUE(decided.empty());
}

} // namespace tessera::http
