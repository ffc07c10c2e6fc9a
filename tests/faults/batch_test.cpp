// The largest batch over a thousand accounts, and a crash in the middle of it.
#include "tests/faults/allocation_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <set>

namespace tessera::test {

namespace {

constexpr std::size_t accounts = 1'000;
constexpr std::size_t items = 10'000;
const std::set<std::size_t> refused{17, 5'003, 9'999};
const std::set<std::size_t> spent_before{0, 1'000, 4'242, 7'777, 9'998};

class BatchFaultTest : public AllocationFaultTest {
protected:
  BatchFaultTest() {
    make("top", {}, 50);
    in_parallel(4, [this](std::size_t worker) {
      for (auto n = worker; n < accounts; n += 4)
        make(owner(n), "top");
    });
    auto line = client();
    for (std::size_t n = 0; n < accounts; n += 100) { // so many legs at most
      std::vector<std::pair<std::string, int>> legs;
      for (std::size_t i = n; i < n + 100; ++i)
        legs.emplace_back(owner(i), 50);
      const auto moved = line.post("/api/credits/allocate", move("top", legs));
      EXPECT_TRUE(moved.status() == 200 || moved.status() == 202) << moved.response.body;
    }
    wait_until_everything_arrived();
  }

  static std::string owner(std::size_t n) { return "owner-" + std::to_string(n % accounts); }
  static std::string item(std::size_t n) {
    return R"({"entityType":"organization","entityId":")" + owner(n) + R"(","credits":)" +
           (refused.contains(n) ? "1000" : "1") + R"(,"eventId":"event-)" + std::to_string(n) + "\"}";
  }
  static std::string batch() {
    std::string body = R"({"items":[)";
    for (std::size_t n = 0; n < items; ++n)
      body += (n == 0 ? "" : ",") + item(n);
    return body + "]}";
  }

  /// The same batch until no item's outcome is unknown or shed; so many times at most.
  std::vector<std::string> send_until_known(int times) {
    for (; times > 0; --times) {
      auto line = client();
      const auto answer = line.post("/api/credits/consume", batch());
      auto results = items_at(answer.response.body, "/results");
      const auto again = std::ranges::any_of(results, [](const std::string& each) {
        return integer_at(each, "/status") == 503;
      });
      if (answer.status() == 200 && !again) return results;
    }
    ADD_FAILURE() << "the batch is never known";
    return {};
  }

  /// Every item that was not refused stands in the ledger once, and those that were do not.
  void expect_each_item_once() {
    EXPECT_EQ(
        "9997 9997 9997",
        sql("SELECT count(*) || ' ' || count(DISTINCT event_id) || ' ' || sum(units) FROM credit_entries"
            " WHERE entry_type = 4")
    );
    for (const auto n : refused)
      EXPECT_EQ(
          "0", sql("SELECT count(*) FROM credit_entries WHERE event_id = 'event-" + std::to_string(n) + "'")
      );
    wait_until_everything_arrived();
    EXPECT_EQ("0", missing());
    expect_verified();
  }
};

} // namespace

TEST_F(BatchFaultTest, AnswersInOrderWithRefusalsAndReplays) {
  auto line = client();
  for (const auto n : spent_before)
    ASSERT_EQ(200, line.post("/api/credits/consume", item(n)).status());

  const auto begun = std::chrono::steady_clock::now();
  const auto first = line.post("/api/credits/consume", batch());
  const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
  std::cout << "10,000 items of 1,000 accounts in " << took.count() << " ms\n";
  const auto again = line.post("/api/credits/consume", batch());

  ASSERT_EQ(200, first.status()) << first.response.body;
  EXPECT_EQ(9'997, integer_at(first.response.body, "/accepted"));
  EXPECT_EQ(3, integer_at(first.response.body, "/refused"));
  EXPECT_EQ(9'997, integer_at(again.response.body, "/accepted"));
  EXPECT_EQ(3, integer_at(again.response.body, "/refused"));
  const auto results = items_at(first.response.body, "/results");
  const auto results_again = items_at(again.response.body, "/results");
  ASSERT_EQ(items, results.size());
  ASSERT_EQ(items, results_again.size());
  for (std::size_t n = 0; n < items; ++n) {
    SCOPED_TRACE("item " + std::to_string(n));
    if (refused.contains(n)) {
      for (const auto& told : {results[n], results_again[n]}) {
        ASSERT_EQ(402, integer_at(told, "/status")) << told;
        ASSERT_EQ(owner(n), text_at(told, "/blockedBy/entityId")) << told;
      }
      continue;
    }
    ASSERT_EQ(true, boolean_at(results[n], "/success")) << results[n];
    ASSERT_EQ(spent_before.contains(n), boolean_at(results[n], "/replayed")) << results[n];
    ASSERT_EQ(true, boolean_at(results_again[n], "/replayed")) << results_again[n];
    for (const auto& told : {results[n], results_again[n]})
      ASSERT_EQ(1, integer_at(told, "/credits"));
    ASSERT_EQ(text_at(results[n], "/transactionId"), text_at(results_again[n], "/transactionId"));
    ASSERT_EQ(integer_at(results[n], "/availableCredits"), integer_at(results_again[n], "/availableCredits"));
  }
  expect_each_item_once();
}

class BatchCrashTest : public BatchFaultTest, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Points,
    BatchCrashTest,
    testing::Values("before_round:3", "after_commit_before_reply:2"),
    [](const auto& each) { return std::string(each.param, std::string_view(each.param).find(':')); }
);

TEST_P(BatchCrashTest, ARetryFinishesWhatACrashCut) {
  ASSERT_TRUE(node_.start(GetParam()));
  auto line = client();
  EXPECT_FALSE(line.post("/api/credits/consume", batch()).ok());
  const auto ended = node_.wait(milliseconds{20'000});
  ASSERT_TRUE(ended && ended->signal == SIGKILL);
  const auto happened = std::stoi(sql("SELECT count(*) FROM credit_entries WHERE entry_type = 4"));
  EXPECT_GT(happened, 0);
  EXPECT_LT(happened, 9'997) << "it died in the middle";

  ASSERT_TRUE(node_.start());
  const auto results = send_until_known(10);

  ASSERT_EQ(items, results.size());
  for (std::size_t n = 0; n < items; ++n)
    ASSERT_EQ(refused.contains(n) ? 402 : 0, integer_at(results[n], "/status").value_or(0)) << results[n];
  expect_each_item_once();
}

} // namespace tessera::test
