#include "http/server/io_thread.hpp"

#include <gtest/gtest.h>

namespace tessera::http::test {
namespace {

constexpr std::uint64_t greedy_key = 11, modest_key = 21, stranger = 31;

/// A loop that does not run: what is let in is up to the test, and so is the time.
class SharedLoopTest : public testing::Test {
protected:
  SharedLoopTest() {
    loop->learn(greedy_key, 1);
    loop->learn(modest_key, 2);
  }

  bool is_shed(std::uint64_t caller, bool impatient = false) {
    const bool shed = loop->must_shed(caller, impatient, now);
    if (!shed) loop->request_started();
    return shed;
  }
  void end(int count) {
    for (int n = 0; n < count; ++n)
      loop->request_ended();
  }
  /// The greedy one has so many in flight, for so long, that the loop sheds.
  void overload() {
    for (int n = 0; n < 400; ++n)
      EXPECT_FALSE(is_shed(greedy_key));
    now += 60'000;
    EXPECT_TRUE(is_shed(greedy_key));
    end(370);
    for (int n = 0; n < 34; ++n)
      EXPECT_FALSE(is_shed(greedy_key));
    EXPECT_TRUE(is_shed(greedy_key));
  }

  std::shared_ptr<io_thread> loop =
      std::make_shared<io_thread>(std::make_shared<server_core>(server_options{}, std::vector<route>{}), 0);
  std::int64_t now = steady_us();
};

TEST_F(SharedLoopTest, WhatAGreedyTenantCausesOthersDoNotPayFor) {
  overload();
  for (int n = 0; n < 10; ++n)
    EXPECT_FALSE(is_shed(modest_key));
  EXPECT_TRUE(is_shed(greedy_key));
}

TEST_F(SharedLoopTest, AModestTenantThatBecomesGreedyIsShedToo) {
  overload();
  int let_in = 0;
  while (let_in < 400 && !is_shed(modest_key)) {
    end(1);
    ++let_in;
  }
  EXPECT_GE(let_in, 10);
  EXPECT_LT(let_in, 400);
}

TEST_F(SharedLoopTest, WhoDidNotWaitIsRefusedOnceMoreUnlessTheirTenantIsModest) {
  overload();
  end(64);
  EXPECT_TRUE(is_shed(greedy_key, true));
  EXPECT_FALSE(is_shed(greedy_key, false));
  EXPECT_FALSE(is_shed(modest_key, true));
}

TEST_F(SharedLoopTest, WithoutAnOverloadNobodyIsRefused) {
  EXPECT_FALSE(is_shed(stranger));
  EXPECT_FALSE(is_shed(greedy_key, true));
}

} // namespace
} // namespace tessera::http::test
