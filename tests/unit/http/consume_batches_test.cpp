#include "http/consume_batches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace tessera::http {

namespace {

using std::chrono::hours;
using std::chrono::steady_clock;
using testing::ElementsAre;

account_id account(std::uint8_t number) {
  account_id id;
  id.value.bytes[0] = number;
  return id;
}
consume_credits spend(std::uint8_t of, std::int64_t amount) {
  consume_credits command;
  command.account = account(of);
  command.amount = credits{amount};
  return command;
}

/// Accounts that answer when they are told to, with the amount as the seq.
class ConsumeBatchesTest : public testing::Test {
protected:
  void start(
      std::vector<consume_credits> spends, steady_clock::time_point until = steady_clock::now() + hours(1)
  ) {
    auto send = [this](consume_batch slice, std::function<void(result<consumed_batch>)> then) {
      asked.emplace_back(std::move(slice), std::move(then));
    };
    auto done = [this](std::vector<result<consume_receipt>> told) {
      ++answers;
      results = std::move(told);
    };
    std::make_shared<consume_batches>(send, until, done)->start(std::move(spends));
  }
  void answer_next() {
    auto [slice, then] = std::move(asked.front());
    asked.pop_front();
    consumed_batch answer;
    for (const auto& item : slice.items)
      answer.results.emplace_back(consume_receipt{
          item.account, static_cast<std::uint64_t>(item.amount.value()), item.amount, {}, false});
    then(std::move(answer));
  }

  std::deque<std::pair<consume_batch, std::function<void(result<consumed_batch>)>>> asked;
  std::vector<result<consume_receipt>> results;
  int answers = 0;
};

TEST_F(ConsumeBatchesTest, GivesEachAccountItsOwnAndAnswersInOrder) {
  start({spend(1, 10), spend(2, 20), spend(1, 11), spend(3, 30), spend(2, 21)});
  ASSERT_EQ(3u, asked.size());
  EXPECT_EQ(2u, asked[0].first.items.size());

  std::swap(asked[0], asked[2]); // whoever answers first
  while (!asked.empty())
    answer_next();

  ASSERT_EQ(1, answers);
  std::vector<std::uint64_t> seqs;
  for (const auto& told : results)
    seqs.push_back(told->seq);
  EXPECT_THAT(seqs, ElementsAre(10, 20, 11, 30, 21));
}

TEST_F(ConsumeBatchesTest, SendsTheNextSliceOfAnAccountWhenTheOneBeforeIsAnswered) {
  std::vector<consume_credits> spends;
  for (int i = 0; i < 1'200; ++i)
    spends.push_back(spend(1, i));
  start(std::move(spends));

  for (const std::size_t size : {500, 500, 200}) {
    ASSERT_EQ(1u, asked.size());
    EXPECT_EQ(size, asked.front().first.items.size());
    EXPECT_EQ(0, answers);
    answer_next();
  }
  ASSERT_EQ(1, answers);
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(i, results[i]->seq);
}

TEST_F(ConsumeBatchesTest, WhatGotNoAnswerIsUnknownAndTheOthersAreTold) {
  start({spend(1, 10), spend(2, 20)});

  asked.front().second(errc::outcome_unknown);
  asked.pop_front();
  answer_next();

  ASSERT_EQ(1, answers);
  EXPECT_EQ(errc::outcome_unknown, results[0].code());
  EXPECT_TRUE(results[1].ok());
}

TEST_F(ConsumeBatchesTest, WhatWasNotSentInTimeDidNotHappen) {
  start({spend(1, 10), spend(2, 20)}, steady_clock::now() - hours(1));

  EXPECT_TRUE(asked.empty());
  ASSERT_EQ(1, answers);
  EXPECT_EQ(errc::overloaded, results[0].code());
  EXPECT_EQ(errc::overloaded, results[1].code());
}

TEST_F(ConsumeBatchesTest, NothingIsAnsweredAtOnce) {
  start({});
  EXPECT_EQ(1, answers);
}

} // namespace

} // namespace tessera::http
