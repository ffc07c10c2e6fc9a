// Use cases that take too long, against a real PostgreSQL.
#include "actors/database/workers.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <vector>

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

  /// What a use case is told that has until then to begin.
  template <class UseCase> static std::future<errc>
  told(workers& by, const tenant_id& of, UseCase use_case, tessera::deadline until = workers::from_now(10s)) {
    const auto heard = std::make_shared<std::promise<errc>>();
    const auto hear = [heard](const result<int>& answer) { heard->set_value(answer.code()); };
    by.submit<int>(of, hear, std::move(use_case), by.options().max_queued, until);
    return heard->get_future();
  }
  /// A statement that takes so long; its answer.
  std::future<errc> submit(workers& to, const char* statement) {
    const auto use_case = [statement, begun = begun](pg::transaction& in) {
      begun->store(true);
      in.execute(statement);
      return result<int>(1);
    };
    return told(to, tenant.id, use_case, workers::from_now(to.options().limit));
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

TEST_F(WorkersTest, AUseCaseMayHaveLessTimeAndCostsNoSession) {
  workers all(limited_to(10s));
  std::vector<std::int32_t> sessions;
  const auto use_case = [&sessions](const char* statement) {
    return [&sessions, statement](pg::transaction& in) {
      sessions.push_back(in.execute("SELECT pg_backend_pid()").int4(0, 0));
      in.limit_statements(100ms);
      in.execute(statement);
      return result<int>(1);
    };
  };
  EXPECT_EQ(errc::database_unavailable, told(all, tenant.id, use_case("SELECT pg_sleep(60)")).get());
  EXPECT_EQ(errc::ok, told(all, tenant.id, use_case("SELECT 1")).get());
  ASSERT_EQ(2u, sessions.size());
  EXPECT_EQ(sessions[0], sessions[1]);
}

TEST_F(WorkersTest, WhatCameTooLateIsNotBegun) {
  workers all(limited_to(10s));
  bool begins = false;
  const auto use_case = [&begins](pg::transaction&) {
    begins = true;
    return result<int>(1);
  };
  EXPECT_EQ(errc::database_unavailable, told(all, tenant.id, use_case, workers::from_now(-1ms)).get());
  EXPECT_FALSE(begins);
}

TEST_F(WorkersTest, AUseCaseThatThrowsIsAnsweredAndTheNextOneRuns) {
  workers all(limited_to(10s));
  const auto broken = [](pg::transaction&) -> result<int> { throw std::runtime_error("a bug"); };
  EXPECT_EQ(errc::internal, told(all, tenant.id, broken).get());
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
