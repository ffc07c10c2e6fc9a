// Deleting an entity whose credits go up: the process dies between the two.
#include "tests/faults/allocation_fixture.hpp"

#include <csignal>

namespace tessera::test {

class DeleteReturningCrashTest : public AllocationFaultTest,
                                 public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Points,
    DeleteReturningCrashTest,
    testing::Values(
        "before_round", "after_debit_before_reply", "after_return_before_deletion", "after_absorption"
    ),
    [](const auto& each) { return std::string(each.param); }
);

/// The same call goes on: nothing goes up twice, and nothing is lost.
TEST_P(DeleteReturningCrashTest, TheSameCallGoesOnWhereverItDies) {
  make("top", {}, 1);
  make("one", "top", 2);
  ASSERT_TRUE(node_.start(GetParam()));
  const header_list key{{"Idempotency-Key", "crash-1"}};
  auto line = client();
  EXPECT_FALSE(line.remove("/api/organizations/one?returnTo=parent", key).ok());
  const auto ended = node_.wait(milliseconds{10'000});
  ASSERT_TRUE(ended && ended->signal == SIGKILL);
  EXPECT_EQ("0", missing());

  ASSERT_TRUE(node_.start());
  line = client();
  const auto again = line.remove("/api/organizations/one?returnTo=parent", key);
  EXPECT_EQ(200, again.status()) << again.response.body;
  const auto top = line.get("/api/credits/balance/organization/top").response.body;
  EXPECT_EQ(3'000, integer_at(top, "/availableCredits")) << top;
  EXPECT_EQ("1", sql("SELECT count(*) FROM credit_entries WHERE entry_type = 10"));
  expect_sound_ledger();
  expect_verified();
}

} // namespace tessera::test
