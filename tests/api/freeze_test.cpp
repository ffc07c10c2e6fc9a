// POST /api/credits/freeze and /api/credits/unfreeze.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

class FreezeTest : public testing::Test {
protected:
  FreezeTest() { give_to_below(); }

  void give_to_below() {
    const auto moved = client.post("/api/credits/allocate", moving(above, below, 500));
    EXPECT_EQ(200, moved.status()) << moved.response.body;
  }
  static std::string moving(const std::string& from, const std::string& to, long credits) {
    return R"({"fromEntityType":"organization","fromEntityId":")" + from +
           R"(","allocations":[{"toEntityType":"organization","toEntityId":")" + to + R"(","credits":)" +
           std::to_string(credits) + "}]}";
  }
  /// No key may freeze: the operator does.
  http_client ruler() {
    auto made = world.client_with(world.service().operator_key(), "crm");
    made.set_header("X-Tenant", world.tenant());
    return made;
  }
  http_exchange change(const char* how, const std::string& id, const std::string& key = {}) {
    return ruler().post(
        std::string("/api/credits/") + how,
        R"({"entityType":"organization","reason":"audit","entityId":")" + id + "\"}",
        key.empty() ? header_list{} : header_list{{"Idempotency-Key", key}}
    );
  }
  void freeze(const std::string& id) { ASSERT_EQ(200, change("freeze", id).status()); }
  std::string balance_of(const std::string& id) {
    return client.get("/api/credits/balance/organization/" + id).response.body;
  }
  std::string newest_entry(const std::string& id) {
    return client.get("/api/credits/transactions?limit=1&entityType=organization&entityId=" + id)
        .response.body;
  }
  std::string returning(long credits) {
    return R"({"fromEntityType":"organization","fromEntityId":")" + below + R"(","credits":)" +
           std::to_string(credits) + "}";
  }

  api_world& world = api_world::instance();
  http_client client = world.client();
  std::string above = world.organization(2);
  std::string below = world.organization(0, above);
  std::string deep = world.organization(0, below);
};

void expect_frozen(const http_exchange& answer) {
  EXPECT_EQ(403, answer.status()) << answer.response.body;
  EXPECT_EQ("entity_frozen", text_at(answer.response.body, "/code"));
  EXPECT_EQ("frozen", text_at(answer.response.body, "/blockedBy/kind"));
  EXPECT_EQ(0, integer_at(answer.response.body, "/wouldAllow"));
}

} // namespace

TEST_F(FreezeTest, SaysWhatItIsNow) {
  EXPECT_EQ(false, boolean_at(balance_of(below), "/frozen"));
  const auto frozen = change("freeze", below);
  ASSERT_EQ(200, frozen.status()) << frozen.response.body;
  EXPECT_EQ(true, boolean_at(frozen.response.body, "/success"));
  EXPECT_EQ("organization", text_at(frozen.response.body, "/entityType"));
  EXPECT_EQ(below, text_at(frozen.response.body, "/entityId"));
  EXPECT_EQ(true, boolean_at(frozen.response.body, "/frozen"));
  EXPECT_EQ(false, boolean_at(frozen.response.body, "/replayed"));
  EXPECT_EQ(true, boolean_at(balance_of(below), "/frozen"));
  EXPECT_EQ(false, boolean_at(balance_of(deep), "/frozen"));
  const auto entry = newest_entry(below);
  EXPECT_EQ("freeze", text_at(entry, "/transactions/0/type"));
  EXPECT_EQ("operator", text_at(entry, "/transactions/0/requestedBy/kind").substr(0, 8));
  EXPECT_EQ("audit", text_at(entry, "/transactions/0/reason"));
  EXPECT_EQ(text_at(frozen.response.body, "/transactionId"), text_at(entry, "/transactions/0/transactionId"));

  const auto already = change("freeze", below);
  EXPECT_EQ(200, already.status());
  EXPECT_EQ(true, boolean_at(already.response.body, "/frozen"));
  EXPECT_NE(already.response.body.find(R"("transactionId":null)"), std::string::npos);
  EXPECT_EQ(text_at(entry, "/transactions/0/hash"), text_at(newest_entry(below), "/transactions/0/hash"));

  const auto thawed = change("unfreeze", below);
  EXPECT_EQ(false, boolean_at(thawed.response.body, "/frozen"));
  EXPECT_EQ(false, boolean_at(balance_of(below), "/frozen"));
  EXPECT_EQ("unfreeze", text_at(newest_entry(below), "/transactions/0/type"));
}

TEST_F(FreezeTest, NothingLeavesAFrozenEntity) {
  freeze(below);
  expect_frozen(client.post("/api/credits/consume", world.spend(below, 1)));
  expect_frozen(client.post("/api/credits/holds", world.spend(below, 1)));
  expect_frozen(client.post("/api/credits/allocate", moving(below, deep, 1)));
  expect_frozen(client.post("/api/credits/return", returning(1)));
  world.service().crash_and_restart();
  client = world.client();
  expect_frozen(client.post("/api/credits/consume", world.spend(below, 1)));
  EXPECT_EQ(500, integer_at(balance_of(below), "/availableCredits"));

  EXPECT_EQ(200, change("unfreeze", below).status());
  EXPECT_EQ(200, client.post("/api/credits/consume", world.spend(below, 1)).status());
}

TEST_F(FreezeTest, WhatComesInAndWhatWasPromisedGoesOn) {
  const auto hold = [&] {
    return text_at(client.post("/api/credits/holds", world.spend(below, 50)).response.body, "/holdId");
  };
  const auto captured = hold();
  const auto released = hold();
  freeze(below);

  give_to_below();
  world.buy(below);
  EXPECT_EQ(1'900, integer_at(balance_of(below), "/availableCredits"));
  EXPECT_EQ(200, client.post("/api/credits/holds/" + captured + "/capture", R"({"credits":20})").status());
  EXPECT_EQ(200, client.post("/api/credits/holds/" + released + "/release", "{}").status());
  EXPECT_EQ(1'980, integer_at(balance_of(below), "/availableCredits"));
  const auto called_back = client.post(
      "/api/credits/reclaim", R"({"entityType":"organization","entityId":")" + below + R"(","credits":1980})"
  );
  EXPECT_EQ(201, called_back.status()) << called_back.response.body;
  EXPECT_EQ(0, integer_at(balance_of(below), "/availableCredits"));
  EXPECT_EQ(true, boolean_at(balance_of(below), "/frozen"));
}

TEST_F(FreezeTest, ARepeatedKeyFreezesOnce) {
  const auto first = change("freeze", below, "once-" + below);
  const auto needless = change("freeze", below, "needless-" + below);
  change("unfreeze", below);
  for (const bool restarted : {false, true}) {
    if (restarted) world.service().crash_and_restart();
    client = world.client();
    const auto again = change("freeze", below, "once-" + below);
    EXPECT_EQ(200, again.status()) << again.response.body;
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    EXPECT_EQ(true, boolean_at(again.response.body, "/frozen"));
    EXPECT_EQ(text_at(first.response.body, "/transactionId"), text_at(again.response.body, "/transactionId"));
    const auto as_needless = change("freeze", below, "needless-" + below);
    EXPECT_EQ("true", as_needless.response.header("idempotent-replayed")) << as_needless.response.body;
    EXPECT_NE(as_needless.response.body.find(R"("transactionId":null)"), std::string::npos);
    EXPECT_EQ(false, boolean_at(balance_of(below), "/frozen"));
  }
  EXPECT_EQ("", needless.response.header("idempotent-replayed"));
  const auto other = ruler().post(
      "/api/credits/freeze",
      R"({"entityType":"organization","reason":"another","entityId":")" + below + "\"}",
      {{"Idempotency-Key", "once-" + below}}
  );
  EXPECT_EQ(422, other.status());
  EXPECT_EQ("idempotency_key_reused", text_at(other.response.body, "/code"));
}

TEST_F(FreezeTest, NoKeyMay) {
  const auto body = R"({"entityType":"organization","entityId":")" + below + "\"}";
  for (const auto* how : {"/api/credits/freeze", "/api/credits/unfreeze"}) {
    const auto refused = client.post(how, body);
    EXPECT_EQ(403, refused.status());
    EXPECT_EQ("insufficient_role", text_at(refused.response.body, "/code"));
  }
}

TEST_F(FreezeTest, RefusesWhatMakesNoSense) {
  const struct {
    const char* name;
    std::string body;
    int status;
    const char* code;
  } cases[] = {
      {"no JSON", "", 400, "invalid_json"},
      {"no entity", "{}", 422, "validation_failed"},
      {"an unknown one", R"({"entityType":"organization","entityId":"org-nowhere"})", 404, "entity_unknown"},
      {"an unknown type", R"({"entityType":"team","entityId":"x"})", 422, "unknown_entity_type"},
      {"an unknown field",
       R"({"entityType":"organization","x":1,"entityId":")" + below + "\"}",
       422,
       "unknown_field"},
      {"a long reason",
       R"({"entityType":"organization","entityId":")" + below + R"(","reason":")" + std::string(501, 'x') +
           "\"}",
       422,
       "validation_failed"},
      {"a number as reason",
       R"({"entityType":"organization","reason":1,"entityId":")" + below + "\"}",
       400,
       "invalid_type"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    const auto answer = ruler().post("/api/credits/freeze", each.body);
    EXPECT_EQ(each.status, answer.status()) << answer.response.body;
    EXPECT_EQ(each.code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
}

/// Whatever is on its way: a spend that is asked for once the freeze is answered is refused, and the ledger
/// has none behind it.
TEST_F(FreezeTest, AfterItsAnswerNoSpendIsAcknowledged) {
  std::atomic<bool> over{false};
  std::atomic<bool> is_frozen{false};
  std::atomic<int> before{0};
  std::atomic<int> after{0};
  {
    std::vector<std::jthread> spenders;
    for (int worker = 0; worker < 8; ++worker)
      spenders.emplace_back([&] {
        auto line = world.client();
        while (!over) {
          const bool begun_frozen = is_frozen;
          const auto answer = line.post("/api/credits/consume", world.spend(above, 1));
          if (!begun_frozen) {
            before += answer.status() == 200;
            continue;
          }
          EXPECT_EQ(403, answer.status()) << answer.response.body;
          ++after;
        }
      });
    EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] { return before > 50; }));
    EXPECT_EQ(200, change("freeze", above).status());
    is_frozen = true;
    EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] { return after > 50; }));
    over = true;
  }
  const auto last = newest_entry(above);
  EXPECT_EQ("freeze", text_at(last, "/transactions/0/type")) << last;
  EXPECT_EQ(1'500 - before, integer_at(balance_of(above), "/availableCredits"));
}

} // namespace tessera::test
