// Atomic batches under crashes: all of a batch or nothing of it, and once.
#include "tests/faults/campaign/node.hpp"
#include "tests/support/json.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace tessera::test {

namespace {

class AtomicFaultTest : public testing::Test {
protected:
  AtomicFaultTest() {
    node_.start();
    auto& service = node_.service();
    service.create_tenant("acme");
    service.create_package("acme", "many", 20'000, 5'000);
    key_ = service.create_api_key(
        "acme", {"credits:read", "credits:consume", "credits:purchase", "directory:write"}
    );
    service.create_application(key_, "crm");
    service.create_organization(key_, "o");
    auto buyer = client();
    const auto bought = buyer.post(
        "/api/credits/purchase",
        R"({"entityType":"organization","entityId":"o","packageId":"many","paymentMethod":"test"})"
    );
    EXPECT_EQ(201, bought.status()) << bought.response.body;
  }

  http_client client() {
    http_client made("127.0.0.1", node_.port());
    made.set_bearer(key_);
    made.set_header("X-Application", "crm");
    return made;
  }

  static std::string batch_of(int items) {
    std::string list;
    for (int i = 0; i < items; ++i)
      list +=
          (i == 0 ? "" : ",") +
          (R"({"entityType":"organization","entityId":"o","credits":1,"eventId":"e)" + std::to_string(i)) +
          "\"}";
    return R"({"atomic":true,"items":[)" + list + "]}";
  }

  http_exchange spend(const std::string& body) {
    auto line = client();
    return line.post("/api/credits/consume", body);
  }

  std::int64_t spends_in_ledger() {
    return std::stoll(
        cluster_.query(node_.database(), "SELECT count(*) FROM credit_entries WHERE entry_type = 4")
    );
  }
  std::int64_t lanes(const std::string& state) {
    return std::stoll(cluster_.query(
        node_.database(),
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tessera-lane' AND datname = '" +
            node_.database() + "'" + state
    ));
  }

  /// The same batch again: every item is in the ledger once.
  void expect_that_a_retry_finishes(const std::string& body, std::int64_t items, bool had_happened) {
    ASSERT_TRUE(node_.start());
    const auto again = spend(body);
    ASSERT_EQ(200, again.status()) << again.response.body;
    EXPECT_EQ(items, integer_at(again.response.body, "/accepted"));
    EXPECT_EQ(had_happened ? "true" : "", again.response.header("idempotent-replayed"));
    EXPECT_EQ(items, spends_in_ledger());
    auto line = client();
    const auto balance = line.get("/api/credits/balance/organization/o").response.body;
    EXPECT_EQ(items, integer_at(balance, "/usedCredits"));
    EXPECT_EQ(20'000 - items, integer_at(balance, "/availableCredits"));
  }

  postgres_cluster cluster_{{.fsync = true}};
  node node_{cluster_, {}, {}};
  std::string key_;
};

class AtomicCrashTest : public AtomicFaultTest, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Points,
    AtomicCrashTest,
    testing::Values("before_round", "after_commit_before_reply"),
    [](const auto& each) { return std::string(each.param); }
);

TEST_P(AtomicCrashTest, AllOrNothingAndOnceWhereverItDies) {
  constexpr int items = 1'200; // more than two ordinary rounds
  const auto body = batch_of(items);
  node_.kill();
  ASSERT_TRUE(node_.start(GetParam()));
  EXPECT_FALSE(spend(body).ok());
  const auto ended = node_.wait(milliseconds{10'000});
  ASSERT_TRUE(ended && ended->signal == SIGKILL);

  const bool had_happened = std::string_view(GetParam()) == "after_commit_before_reply";
  EXPECT_EQ(had_happened ? items : 0, spends_in_ledger());
  expect_that_a_retry_finishes(body, items, had_happened);
}

TEST_F(AtomicFaultTest, KilledWhileTheRoundIsWrittenItIsThereWholeOrNotAtAll) {
  constexpr int items = 10'000;
  const auto body = batch_of(items);
  std::jthread asking([&] { spend(body); });
  ASSERT_TRUE(wait_until(milliseconds{10'000}, [&] { return lanes(" AND state = 'active'") > 0; }));
  node_.kill();
  asking.join();
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] { return lanes("") == 0; })
  ); // late bytes may still commit

  const auto there = spends_in_ledger();
  EXPECT_TRUE(there == 0 || there == items) << there;
  expect_that_a_retry_finishes(body, items, there == items);
}

} // namespace

} // namespace tessera::test
