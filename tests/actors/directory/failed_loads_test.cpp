#include "actors/directory/failed_loads.hpp"
#include "tests/support/builders.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

class FailedLoadsTest : public testing::Test {
protected:
  const failed_loads::clock::time_point noon{};
  const tenant_id a = numbered<tenant_id>(1);
  const tenant_id b = numbered<tenant_id>(2);
  failed_loads failures{10s};
};

TEST_F(FailedLoadsTest, EachIsTriedAgainLaterAndLater) {
  EXPECT_TRUE(failures.is_due(a, noon));
  auto now = noon;
  for (const auto pause : {1s, 2s, 4s, 8s, 8s}) {
    failures.failed(a, now);
    EXPECT_FALSE(failures.is_due(a, now + pause - 1ms));
    EXPECT_TRUE(failures.is_due(b, now));
    now += pause;
    EXPECT_TRUE(failures.is_due(a, now));
  }
  failures.succeeded(a);
  EXPECT_FALSE(failures.contains(a));
  failures.failed(a, now);
  EXPECT_TRUE(failures.is_due(a, now + 1s));
}

TEST_F(FailedLoadsTest, IsBelievedForAWhileFromTheFirstFailure) {
  failures.failed(a, noon);
  failures.failed(a, noon + 9s);
  EXPECT_FALSE(failures.is_beyond_belief(a, noon + 9s));
  EXPECT_TRUE(failures.is_beyond_belief(a, noon + 10s));
  EXPECT_FALSE(failures.is_beyond_belief(b, noon + 10s));
}

TEST_F(FailedLoadsTest, ADatabaseThatIsAwayCountsAgainstNobody) {
  failures.failed(a, noon);
  failures.database_was_away(noon + 20s);
  EXPECT_FALSE(failures.is_beyond_belief(a, noon + 29s));
  EXPECT_TRUE(failures.is_beyond_belief(a, noon + 30s));
}

} // namespace
} // namespace tessera::test
