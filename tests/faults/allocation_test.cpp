// Allocation under storms and crashes: whatever happens, credits are there, spent, or on their way.
#include "tests/faults/campaign/node.hpp"
#include "tests/faults/history/chain.hpp"
#include "tests/faults/history/checker.hpp"
#include "tests/faults/history/ledger_rows.hpp"
#include "tests/support/json.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

namespace tessera::test {

namespace {

class AllocationFaultTest : public testing::Test {
protected:
  AllocationFaultTest() {
    node_.start();
    auto& service = node_.service();
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1'000, 5'000);
    key_ = service.create_api_key(
        "acme", {"credits:read", "credits:consume", "credits:purchase", "credits:allocate", "directory:write"}
    );
    service.create_application(key_, "crm");
  }

  http_client client() {
    http_client made("127.0.0.1", node_.port());
    made.set_bearer(key_);
    made.set_header("X-Application", "crm");
    return made;
  }

  void make(const std::string& id, const std::string& parent = {}, int thousands = 0) {
    node_.service().create_organization(key_, id, parent);
    auto buyer = client();
    for (int i = 0; i < thousands; ++i)
      ASSERT_EQ(
          201,
          buyer
              .post(
                  "/api/credits/purchase",
                  R"({"entityType":"organization","packageId":"thousand","paymentMethod":"test","entityId":")" +
                      id + "\"}"
              )
              .status()
      );
  }

  static std::string move(const std::string& from, const std::vector<std::pair<std::string, int>>& legs) {
    std::string list;
    for (const auto& [to, credits] : legs)
      list += (list.empty() ? "" : ",") + (R"({"toEntityType":"organization","toEntityId":")" + to) +
              R"(","credits":)" + std::to_string(credits) + "}";
    return R"({"fromEntityType":"organization","fromEntityId":")" + from + R"(","allocations":[)" + list +
           "]}";
  }

  static http_exchange allocate(http_client& line, const std::string& body, const std::string& key) {
    return line.post("/api/credits/allocate", body, {{"Idempotency-Key", key}});
  }

  std::string sql(const std::string& query) { return cluster_.query(node_.database(), query); }

  /// What was bought less what is there, spent, expired or on its way, in one instant of the database.
  std::string missing() {
    return sql(
        "SELECT coalesce((SELECT sum(units) FROM credit_entries WHERE entry_type = 1), 0)"
        " - coalesce((SELECT sum(units) FROM credit_entries WHERE entry_type = 14), 0)"
        " - (SELECT sum(used_after + reserved_after + available_after) FROM (SELECT DISTINCT ON (account_id) "
        "*"
        "    FROM credit_entries ORDER BY account_id, seq DESC) AS last)"
        " - coalesce((SELECT sum(credits) FROM credit_inbox WHERE kind IN (2, 3) AND absorbed_seq IS NULL"
        "    AND refused_code IS NULL), 0)"
    );
  }

  void wait_until_everything_arrived() {
    EXPECT_TRUE(wait_until(milliseconds{30'000}, [&] {
      return waiting_in_inbox(cluster_, node_.database()) == 0;
    }));
  }

  /// Every chain, every lot, every inbox, and the sum over all accounts.
  void expect_sound_ledger() {
    wait_until_everything_arrived();
    EXPECT_EQ("0", missing());
    violations found;
    transfers moved;
    const auto source = ledger_of(cluster_, node_.database());
    for (std::size_t i = 0; i < source.accounts; ++i) {
      const auto rows = source.load(i);
      walk_chain(rows, found, &moved);
      check_inbox(rows, found);
    }
    moved.check(found);
    // Whoever made the entries is not the recorder's concern here.
    EXPECT_EQ(found.total(), found.count(violation_kind::phantom_entry)) << found;
  }

  postgres_cluster cluster_{{.fsync = true}};
  node node_{cluster_, {}, {}};
  std::string key_;
};

template <class Work> void in_parallel(std::size_t threads, Work work) {
  std::vector<std::jthread> all;
  for (std::size_t i = 0; i < threads; ++i)
    all.emplace_back([&work, i] { work(i); });
}

} // namespace

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
