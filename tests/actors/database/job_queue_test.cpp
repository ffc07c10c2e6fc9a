#include "actors/database/job_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <semaphore>
#include <thread>
#include <vector>

namespace tessera::test {
namespace {

class JobQueueTest : public testing::Test {
protected:
  void start(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i)
      threads_.emplace_back([this] {
        pg::connection session({}); // never opened
        while (queue.run_next(session)) {
        }
      });
  }
  void finish() {
    queue.stop();
    for (auto& thread : threads_)
      thread.join();
    threads_.clear();
  }
  /// A job that says when it runs, and ends when it may.
  void push_slow(job_weight weight) {
    queue.push(
        [this](pg::connection&) {
          running.release();
          may_end.get_future().wait();
        },
        weight,
        10
    );
  }

  job_queue queue{2};
  std::binary_semaphore running{0};
  std::promise<void> may_end;

private:
  std::vector<std::thread> threads_;
};

TEST_F(JobQueueTest, LeavesAThreadForLightJobs) {
  start(2);
  push_slow(job_weight::heavy);
  running.acquire();
  std::atomic<bool> second_has_run = false;
  queue.push([&](pg::connection&) { second_has_run = true; }, job_weight::heavy, 10);
  std::promise<void> light_has_run;
  queue.push([&](pg::connection&) { light_has_run.set_value(); }, job_weight::light, 10);

  light_has_run.get_future().wait();
  EXPECT_FALSE(second_has_run);
  may_end.set_value();
  finish();
  EXPECT_TRUE(second_has_run);
}

TEST_F(JobQueueTest, RunsTheOldestFirst) {
  std::vector<int> order;
  int pushed = 0;
  for (const auto weight : {job_weight::heavy, job_weight::light, job_weight::heavy, job_weight::light})
    queue.push([&order, number = ++pushed](pg::connection&) { order.push_back(number); }, weight, 10);
  start(1);
  finish();
  EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
}

TEST_F(JobQueueTest, IsBoundedInEachWeight) {
  const auto nothing = [](pg::connection&) {};
  EXPECT_TRUE(queue.push(nothing, job_weight::heavy, 1));
  EXPECT_FALSE(queue.push(nothing, job_weight::heavy, 1));
  EXPECT_TRUE(queue.push(nothing, job_weight::light, 1));
  EXPECT_FALSE(queue.push(nothing, job_weight::light, 1));
}

TEST_F(JobQueueTest, OneThreadRunsBothWeights) {
  job_queue single(1);
  int runs = 0;
  for (const auto weight : {job_weight::heavy, job_weight::light})
    single.push([&runs](pg::connection&) { ++runs; }, weight, 10);
  single.stop();
  pg::connection session({});
  while (single.run_next(session)) {
  }
  EXPECT_EQ(runs, 2);
}

} // namespace
} // namespace tessera::test
