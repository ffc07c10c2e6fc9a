#include "actors/notification/worker.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

/// Has so many portions left.
struct counted_work final : portioned_work {
  counted_work(int& steps, int& left) : steps_(steps), left_(left) {}
  bool step() override {
    ++steps_;
    return --left_ > 0;
  }
  int& steps_;
  int& left_;
};

struct manual : caf::actor_system_config {
  manual() { set("scheduler.policy", caf::atom("testing")); }
};

class WorkerTest : public testing::Test {
protected:
  ~WorkerTest() override {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    actor = nullptr;
    run();
  }
  auto& scheduler() { return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()); }
  void run() {
    for (int i = 0; i < 10'000 && scheduler().has_job(); ++i)
      scheduler().run_once();
  }
  void begin() {
    actor = system.spawn(
        worker,
        std::function<std::unique_ptr<portioned_work>()>([this] {
          return std::make_unique<counted_work>(steps, left);
        }),
        worker_options{std::chrono::milliseconds(2'000), told}
    );
  }

  manual config;
  caf::actor_system system{config};
  std::shared_ptr<std::atomic<bool>> told = std::make_shared<std::atomic<bool>>(false);
  int steps = 0;
  int left = 0;
  caf::actor actor;
};

} // namespace

TEST_F(WorkerTest, GoesOnWhileThereIsSomethingLeft) {
  left = 5;
  begin();
  run();
  EXPECT_EQ(5, steps);
}

TEST_F(WorkerTest, OneChainOfPortionsHoweverOftenItIsTold) {
  begin();
  run();
  steps = 0;
  left = 100;
  for (int i = 0; i < 50; ++i)
    caf::anon_send(actor, work_due{});
  // A message a time: the first one begins the chain, which goes on behind the other 49. Were there a chain
  // for each, there would be 60 steps.
  for (int i = 0; i < 60; ++i)
    scheduler().run_once();
  EXPECT_LE(steps, 12);
  run();
  EXPECT_EQ(100, steps);
}

TEST_F(WorkerTest, SaysThatItHeard) {
  begin();
  run();
  *told = true;
  caf::anon_send(actor, work_due{});
  run();
  EXPECT_FALSE(*told);
}

TEST_F(WorkerTest, LooksByItselfEveryNowAndThen) {
  begin();
  run();
  const int before = steps;
  scheduler().advance_time(std::chrono::milliseconds(2'000));
  run();
  EXPECT_EQ(before + 1, steps);
}

} // namespace tessera::test
