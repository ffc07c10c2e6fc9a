// Allocation under storms and crashes: whatever happens, credits are there, spent, or on their way.
#include "tests/faults/allocation_fixture.hpp"

#include <csignal>

namespace tessera::test {

/// Two trees whose parents and children allocate and spend at once, while somebody adds up.
TEST_F(AllocationFaultTest, AStormLosesNothingAtAnyInstant) {
  make("top", {}, 20);
  for (const auto* id : {"left", "right"})
    make(id, "top", 2);
  for (const auto* id : {"left-a", "left-b"})
    make(id, "left");
  make("right-a", "right");
  const std::vector<std::pair<std::string, std::vector<std::string>>> ways{
      {"top", {"left", "right"}},
      {"top", {"left-a", "right-a"}},
      {"left", {"left-a", "left-b"}},
      {"right", {"right-a"}},
      {"top", {"left-b", "left"}},
      {"left", {"left-b"}},
  };
  std::atomic<bool> over{false};
  std::jthread adding_up([&] {
    while (!over)
      EXPECT_EQ("0", missing());
  });

  in_parallel(12, [&](std::size_t worker) {
    auto line = client();
    for (int i = 0; i < 25; ++i) {
      const auto& [from, receivers] = ways[(worker + static_cast<std::size_t>(i)) % ways.size()];
      std::vector<std::pair<std::string, int>> legs;
      for (const auto& to : receivers)
        legs.emplace_back(to, 1 + static_cast<int>((worker * 31 + static_cast<std::size_t>(i) * 7) % 90));
      const auto answer = allocate(
          line, move(from, legs), "storm-" + std::to_string(worker * 1000 + static_cast<std::size_t>(i))
      );
      EXPECT_TRUE(answer.status() == 200 || answer.status() == 202 || answer.status() == 402)
          << answer.response.body;
      const auto spent = line.post(
          "/api/credits/consume", R"({"entityType":"organization","entityId":"left-b","credits":3})"
      );
      EXPECT_TRUE(spent.status() == 200 || spent.status() == 402) << spent.response.body;
    }
  });
  over = true;
  adding_up.join();
  expect_sound_ledger();
}

TEST_F(AllocationFaultTest, CreditsGoDownAChainOfSixtyFour) {
  constexpr int depth = 64;
  make("level-0", {}, 5);
  for (int i = 1; i < depth; ++i)
    make("level-" + std::to_string(i), "level-" + std::to_string(i - 1));
  in_parallel(8, [&](std::size_t worker) {
    auto line = client();
    for (int i = 0; i + 1 < depth; ++i) {
      const auto answer = allocate(
          line,
          move("level-" + std::to_string(i), {{"level-" + std::to_string(i + 1), 10}}),
          "chain-" + std::to_string(worker) + "-" + std::to_string(i)
      );
      // A leg of somebody else may still be on its way; one's own has arrived when the answer says so.
      ASSERT_EQ(200, answer.status()) << answer.response.body;
    }
  });
  auto line = client();
  const auto last = line.get("/api/credits/balance/organization/level-63").response.body;
  EXPECT_EQ(80, integer_at(last, "/availableCredits"));
  const auto first = line.get("/api/credits/balance/organization/level-0").response.body;
  for (const auto* field : {"/lots/0/rootLotId", "/lots/0/expiresAt"})
    EXPECT_EQ(text_at(first, field), text_at(last, field));
  EXPECT_EQ(1u, size_at(last, "/lots")); // 8 arrivals of one root
  expect_sound_ledger();
}

class AllocationCrashTest : public AllocationFaultTest, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Points,
    AllocationCrashTest,
    testing::Values(
        "before_round",
        "after_debit_before_reply",
        "after_debit_before_nudge",
        "before_absorption",
        "after_absorption"
    ),
    [](const auto& each) { return std::string(each.param); }
);

/// The process dies there; the same key then tells the outcome, and all legs arrive or none is missing.
TEST_P(AllocationCrashTest, AllOrNothingAndOnceWhereverItDies) {
  make("top", {}, 1);
  make("one", "top");
  make("other", "top");
  ASSERT_TRUE(node_.start(GetParam()));
  auto line = client();
  const auto body = move("top", {{"one", 100}, {"other", 50}});
  const auto lost = allocate(line, body, "crash-1");
  EXPECT_FALSE(lost.ok()) << lost.response.body;
  const auto ended = node_.wait(milliseconds{10'000});
  ASSERT_TRUE(ended && ended->signal == SIGKILL);
  EXPECT_EQ("0", missing());

  ASSERT_TRUE(node_.start());
  line = client();
  const auto again = allocate(line, body, "crash-1");
  EXPECT_EQ(200, again.status()) << again.response.body;
  EXPECT_EQ(850, integer_at(again.response.body, "/fromBalance"));
  EXPECT_EQ(100, integer_at(again.response.body, "/allocations/0/newBalance"));
  EXPECT_EQ(50, integer_at(again.response.body, "/allocations/1/newBalance"));
  const bool had_happened = std::string_view(GetParam()) != "before_round";
  EXPECT_EQ(had_happened ? "true" : "", again.response.header("idempotent-replayed"));
  expect_sound_ledger();
}

/// Nobody asks again: the legs of a debit that is durable arrive all the same.
TEST_F(AllocationFaultTest, ALegArrivesThoughNobodyNudgesItsReceiver) {
  make("top", {}, 1);
  make("one", "top");
  ASSERT_TRUE(node_.start("after_debit_before_nudge"));
  auto line = client();
  allocate(line, move("top", {{"one", 100}}), "forgotten");
  ASSERT_TRUE(node_.wait(milliseconds{10'000}));
  EXPECT_EQ(1, waiting_in_inbox(cluster_, node_.database()));
  ASSERT_TRUE(node_.start());
  expect_sound_ledger();
  line = client();
  const auto balance = line.get("/api/credits/balance/organization/one").response.body;
  EXPECT_EQ(100, integer_at(balance, "/availableCredits"));
}

} // namespace tessera::test
