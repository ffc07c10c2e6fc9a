// Use cases that take too long, against a real PostgreSQL.
#include "actors/database/workers.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <future>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class WorkersTest : public testing::Test {
protected:
  static workers_options limited_to(std::chrono::milliseconds limit) {
    return {service_url(database()), "test-workers", 1, 2, limit, true};
  }

  /// A statement that takes so long; its answer.
  std::future<errc> submit(workers& to, const char* statement) {
    const auto told = std::make_shared<std::promise<errc>>();
    to.submit<int>(
        tenant.id,
        [told](const result<int>& answer) { told->set_value(answer.code()); },
        [statement, begun = begun](pg::transaction& in) {
          begun->store(true);
          in.execute(statement);
          return result<int>(1);
        },
        to.options().max_queued
    );
    return told->get_future();
  }
  void wait_until_one_runs() {
    ASSERT_TRUE(wait_until(milliseconds{10'000}, [this] { return begun->load(); }));
  }

  made_tenant tenant = make_tenant(database());
  std::shared_ptr<std::atomic<bool>> begun = std::make_shared<std::atomic<bool>>(false);
};

TEST_F(WorkersTest, WhatTakesTooLongIsGivenUpAndTheNextOneRuns) {
  workers all(limited_to(300ms));
  EXPECT_EQ(errc::database_unavailable, submit(all, "SELECT pg_sleep(60)").get());
  EXPECT_EQ(errc::ok, submit(all, "SELECT 1").get());
}

TEST_F(WorkersTest, AFullQueueSaysSo) {
  workers all(limited_to(10s));
  auto running = submit(all, "SELECT pg_sleep(60)");
  wait_until_one_runs();
  auto first = submit(all, "SELECT 1");
  auto second = submit(all, "SELECT 1");
  EXPECT_EQ(errc::overloaded, submit(all, "SELECT 1").get());
}

TEST_F(WorkersTest, AnEndWaitsForNothingThatOnlyReads) {
  std::future<errc> running, waiting;
  const auto begun_at = clock::now();
  {
    workers all(limited_to(60s));
    running = submit(all, "SELECT pg_sleep(60)");
    waiting = submit(all, "SELECT 1");
    wait_until_one_runs();
  }
  EXPECT_LT(clock::now() - begun_at, 20s);
  EXPECT_EQ(errc::database_unavailable, running.get());
  EXPECT_EQ(errc::database_unavailable, waiting.get());
}

} // namespace
} // namespace tessera::test
