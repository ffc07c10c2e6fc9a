// POST /api/credits/return and /api/credits/reclaim.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

/// An organisation above another one, which has a location and 1000 credits from above.
class ReturnReclaimTest : public testing::Test {
protected:
  ReturnReclaimTest() {
    world.service().create_location(world.all(), location, below);
    const auto moved = client.post(
        "/api/credits/allocate",
        R"({"fromEntityType":"organization","fromEntityId":")" + above +
            R"(","allocations":[{"toEntityType":"organization","toEntityId":")" + below +
            R"(","credits":1000}]})"
    );
    EXPECT_EQ(200, moved.status()) << moved.response.body;
  }

  std::string balance_of(const std::string& id, const std::string& type = "organization") {
    return client.get("/api/credits/balance/" + type + "/" + id).response.body;
  }
  std::optional<std::int64_t> available(const std::string& id, const std::string& type = "organization") {
    return integer_at(balance_of(id, type), "/availableCredits");
  }

  static std::string giving(const std::string& from, long credits, const std::string& more = {}) {
    return R"({"fromEntityType":"organization","fromEntityId":")" + from + R"(","credits":)" +
           std::to_string(credits) + more + "}";
  }
  static std::string calling_back(
      const std::string& from, long credits, const std::string& to = {}, const std::string& more = {}
  ) {
    const auto named = to.empty() ? "" : R"(,"toEntityType":"organization","toEntityId":")" + to + "\"";
    return R"({"entityType":"organization","entityId":")" + from + R"(","credits":)" +
           std::to_string(credits) + named + more + "}";
  }
  static header_list keyed(const std::string& key) {
    return key.empty() ? header_list{} : header_list{{"Idempotency-Key", key}};
  }
  http_exchange give_back(const std::string& body, const std::string& key = {}) {
    return client.post("/api/credits/return", body, keyed(key));
  }
  http_exchange reclaim(const std::string& body, const std::string& key = {}) {
    return client.post("/api/credits/reclaim", body, keyed(key));
  }
  void restart() {
    world.service().crash_and_restart();
    client = world.client();
  }
  std::string sql(const std::string& query) {
    return world.service().cluster().query(world.service().database(), query);
  }
  static std::string fresh(const std::string& prefix) {
    static int last = 0;
    return prefix + std::to_string(++last) + "-of-return";
  }

  api_world& world = api_world::instance();
  http_client client = world.client();
  std::string above = world.organization(2);
  std::string below = world.organization(0, above);
  std::string location = fresh("loc-");
};

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

} // namespace

TEST_F(ReturnReclaimTest, CreditsGoBackToTheLotThatTheyLeft) {
  const auto before = balance_of(above);
  const auto answer = give_back(giving(below, 300));

  ASSERT_EQ(201, answer.status()) << answer.response.body;
  const auto& told = answer.response.body;
  EXPECT_EQ(true, boolean_at(told, "/success"));
  EXPECT_TRUE(text_at(told, "/allocationId").starts_with("alloc-"));
  EXPECT_EQ("return", text_at(told, "/kind"));
  EXPECT_EQ(700, integer_at(told, "/fromBalance"));
  EXPECT_EQ(1u, size_at(told, "/allocations"));
  EXPECT_EQ("organization", text_at(told, "/allocations/0/toEntityType"));
  EXPECT_EQ(above, text_at(told, "/allocations/0/toEntityId"));
  EXPECT_EQ(300, integer_at(told, "/allocations/0/credits"));
  EXPECT_EQ(1'300, integer_at(told, "/allocations/0/newBalance"));
  EXPECT_EQ("completed", text_at(told, "/allocations/0/status"));
  EXPECT_EQ(false, boolean_at(told, "/replayed"));
  EXPECT_EQ(300, integer_at(told, "/allocations/0/lots/0/credits"));
  const auto root = text_at(told, "/allocations/0/lots/0/rootLotId");
  EXPECT_TRUE(before.find(root) != before.npos || balance_of(above).find(root) != before.npos);
  EXPECT_EQ(text_at(before, "/lots/0/expiresAt"), text_at(told, "/allocations/0/lots/0/expiresAt"));
  EXPECT_EQ(700, available(below));
  EXPECT_EQ(1'300, available(above));
}

TEST_F(ReturnReclaimTest, AnOrganisationAtTheTopGivesBackToTheTenantAndATenantToNobody) {
  const auto tenant = available(world.tenant(), "tenant").value_or(0);
  const auto answer = give_back(giving(above, 40));
  ASSERT_EQ(201, answer.status()) << answer.response.body;
  EXPECT_EQ("tenant", text_at(answer.response.body, "/allocations/0/toEntityType"));
  EXPECT_EQ(world.tenant(), text_at(answer.response.body, "/allocations/0/toEntityId"));
  EXPECT_EQ(tenant + 40, available(world.tenant(), "tenant"));

  const auto of_tenant = R"("credits":1,"fromEntityType":"tenant","fromEntityId":")" + world.tenant();
  expect_problem(give_back("{" + of_tenant + "\"}"), 422, "no_parent");
  const auto back = R"({"credits":1,"entityType":"tenant","entityId":")" + world.tenant() + "\"}";
  expect_problem(reclaim(back), 422, "no_parent");
}

TEST_F(ReturnReclaimTest, CallsBackToTheOneAboveOrFurther) {
  client.post(
      "/api/credits/allocate",
      R"({"fromEntityType":"organization","fromEntityId":")" + below +
          R"(","allocations":[{"toEntityType":"location","toEntityId":")" + location + R"(","credits":500}]})"
  );
  const auto of_location = R"({"entityType":"location","entityId":")" + location + R"(","credits":100)";
  const auto up = reclaim(of_location + "}");
  ASSERT_EQ(201, up.status()) << up.response.body;
  EXPECT_EQ("reclaim", text_at(up.response.body, "/kind"));
  EXPECT_EQ(400, integer_at(up.response.body, "/fromBalance"));
  EXPECT_EQ(below, text_at(up.response.body, "/allocations/0/toEntityId"));
  EXPECT_EQ(600, available(below));

  const auto further =
      reclaim(of_location + R"(,"toEntityType":"organization","toEntityId":")" + above + "\"}");
  ASSERT_EQ(201, further.status()) << further.response.body;
  EXPECT_EQ(above, text_at(further.response.body, "/allocations/0/toEntityId"));
  EXPECT_EQ(1'100, available(above));
  EXPECT_EQ(600, available(below)); // in between nothing happens
  EXPECT_EQ(300, available(location, "location"));
}

TEST_F(ReturnReclaimTest, TakesOnlyWhatIsFree) {
  const auto held = client.post("/api/credits/holds", world.spend(below, 400));
  ASSERT_EQ(201, held.status());
  for (const auto& refused : {give_back(giving(below, 601)), reclaim(calling_back(below, 601))}) {
    expect_problem(refused, 402, "insufficient_credits");
    EXPECT_EQ("balance", text_at(refused.response.body, "/blockedBy/kind"));
    EXPECT_EQ(below, text_at(refused.response.body, "/blockedBy/entityId"));
    EXPECT_EQ(601, integer_at(refused.response.body, "/requested"));
    EXPECT_EQ(600, integer_at(refused.response.body, "/wouldAllow"));
  }
  EXPECT_EQ(201, reclaim(calling_back(below, 600)).status());
  EXPECT_EQ(400, integer_at(balance_of(below), "/reservedCredits"));
}

TEST_F(ReturnReclaimTest, TakesTheLotsThatTheCallerChooses) {
  const auto lot = text_at(balance_of(below), "/lots/0/lotId");
  const auto named = R"(,"lotIds":[")" + lot + "\"]";
  const auto answer =
      give_back(giving(below, 5, named + R"(,"lotPolicy":"latest_first","minRemainingDays":1)"));
  ASSERT_EQ(201, answer.status()) << answer.response.body;
  EXPECT_EQ(lot, text_at(answer.response.body, "/allocations/0/lots/0/parentLotId"));
  expect_problem(give_back(giving(below, 5, R"(,"minRemainingDays":36500)")), 402, "insufficient_credits");
  const auto missing = R"(,"lotIds":["0198f1c2-7a3e-7b0c-9d4e-5f60718293a8"])";
  expect_problem(reclaim(calling_back(below, 5, {}, missing)), 402, "insufficient_credits");
}

TEST_F(ReturnReclaimTest, ARepeatedKeyGetsTheFirstFigures) {
  const auto returned = give_back(giving(below, 100), "return-" + below);
  const auto called_back = reclaim(calling_back(below, 100, above), "return-" + below); // another route
  ASSERT_EQ(201, returned.status()) << returned.response.body;
  ASSERT_EQ(201, called_back.status()) << called_back.response.body;
  give_back(giving(below, 50));
  for (const bool restarted : {false, true}) {
    if (restarted) restart();
    const auto again = give_back(giving(below, 100), "return-" + below);
    EXPECT_EQ(201, again.status()) << again.response.body;
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    EXPECT_EQ(true, boolean_at(again.response.body, "/replayed"));
    for (const auto* field : {"/allocationId", "/kind", "/allocations/0/lots/0/lotId"})
      EXPECT_EQ(text_at(returned.response.body, field), text_at(again.response.body, field));
    for (const auto* field : {"/fromBalance", "/allocations/0/newBalance"})
      EXPECT_EQ(integer_at(returned.response.body, field), integer_at(again.response.body, field));
    const auto back = reclaim(calling_back(below, 100, above), "return-" + below);
    EXPECT_EQ(
        text_at(called_back.response.body, "/allocationId"), text_at(back.response.body, "/allocationId")
    );
    expect_problem(give_back(giving(below, 99), "return-" + below), 422, "idempotency_key_reused");
    expect_problem(reclaim(calling_back(below, 100), "return-" + below), 422, "idempotency_key_reused");
  }
  EXPECT_EQ(750, available(below));
}

TEST_F(ReturnReclaimTest, ARefusalIsRememberedUnderItsKey) {
  expect_problem(give_back(giving(below, 1'500), "dear-" + below), 402, "insufficient_credits");
  expect_problem(reclaim(calling_back(below, 1'500), "dear-" + below), 402, "insufficient_credits");
  world.buy(below);
  for (const bool restarted : {false, true}) {
    if (restarted) restart();
    for (const auto& again :
         {give_back(giving(below, 1'500), "dear-" + below),
          reclaim(calling_back(below, 1'500), "dear-" + below)}) {
      expect_problem(again, 402, "insufficient_credits");
      EXPECT_EQ("true", again.response.header("idempotent-replayed"));
      EXPECT_EQ(1'000, integer_at(again.response.body, "/wouldAllow"));
    }
  }
  EXPECT_EQ(201, give_back(giving(below, 1'500), "anew-" + below).status());
}

TEST_F(ReturnReclaimTest, WhatHasNotArrivedIsPendingAndArrivesLater) {
  const auto name = "hold_up_" + std::to_string(std::hash<std::string>{}(above));
  sql("CREATE FUNCTION " + name +
      "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$");
  sql("CREATE TRIGGER " + name + " BEFORE UPDATE ON credit_inbox FOR EACH ROW WHEN (NEW.account_id = '" +
      sql("SELECT account_id FROM entities WHERE entity_id = '" + above + "'") + "') EXECUTE FUNCTION " +
      name + "()");
  const auto answer = give_back(giving(below, 100), "late-" + below);
  sql("DROP TRIGGER " + name + " ON credit_inbox");

  EXPECT_EQ(202, answer.status()) << answer.response.body;
  EXPECT_EQ("pending", text_at(answer.response.body, "/allocations/0/status"));
  EXPECT_EQ(900, integer_at(answer.response.body, "/fromBalance"));
  const auto id = text_at(answer.response.body, "/allocationId");
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    const auto now = client.get("/api/credits/allocations/" + id);
    return text_at(now.response.body, "/status") == "completed";
  }));
  const auto again = give_back(giving(below, 100), "late-" + below);
  EXPECT_EQ(201, again.status());
  EXPECT_EQ(1'100, integer_at(again.response.body, "/allocations/0/newBalance"));
}

TEST_F(ReturnReclaimTest, IsListedAtBothEndsWithItsKind) {
  const auto returned = text_at(give_back(giving(below, 10)).response.body, "/allocationId");
  const auto called_back = text_at(reclaim(calling_back(below, 20)).response.body, "/allocationId");
  for (const auto& end : {above, below}) {
    const auto list = client.get("/api/credits/allocations?entityType=organization&entityId=" + end);
    ASSERT_EQ(3u, size_at(list.response.body, "/allocations")) << list.response.body;
    EXPECT_EQ(called_back, text_at(list.response.body, "/allocations/0/allocationId"));
    EXPECT_EQ("reclaim", text_at(list.response.body, "/allocations/0/kind"));
    EXPECT_EQ(20, integer_at(list.response.body, "/allocations/0/credits"));
    EXPECT_EQ("return", text_at(list.response.body, "/allocations/1/kind"));
    EXPECT_EQ(below, text_at(list.response.body, "/allocations/1/fromEntityId"));
    EXPECT_EQ("allocation", text_at(list.response.body, "/allocations/2/kind"));
  }
  auto receiver = world.client_with(world.key({"credits:read"}, "", "organization/" + above), "crm");
  auto giver = world.client_with(world.key({"credits:read"}, "", "organization/" + below), "crm");
  auto stranger =
      world.client_with(world.key({"credits:read"}, "", "organization/" + world.organization(0)), "crm");
  const auto path = "/api/credits/allocations/" + returned;
  EXPECT_EQ("return", text_at(receiver.get(path).response.body, "/kind"));
  EXPECT_EQ("completed", text_at(giver.get(path).response.body, "/status"));
  expect_problem(stranger.get(path), 403, "entity_out_of_scope");
}

TEST_F(ReturnReclaimTest, TheLedgerSaysWhichWayItWent) {
  const auto returned = text_at(give_back(giving(below, 10)).response.body, "/allocationId");
  const auto called_back = text_at(reclaim(calling_back(below, 20)).response.body, "/allocationId");
  const auto newest = [&](const std::string& id) {
    return client.get("/api/credits/transactions?limit=2&entityType=organization&entityId=" + id)
        .response.body;
  };
  const auto given = newest(below);
  EXPECT_EQ("reclaim_out", text_at(given, "/transactions/0/type"));
  EXPECT_EQ("return_out", text_at(given, "/transactions/1/type"));
  EXPECT_EQ(returned, text_at(given, "/transactions/1/reference/allocationId"));
  const auto received = newest(above);
  EXPECT_EQ("reclaim_in", text_at(received, "/transactions/0/type"));
  EXPECT_EQ(called_back, text_at(received, "/transactions/0/reference/allocationId"));
  EXPECT_EQ("return_in", text_at(received, "/transactions/1/type"));
}

TEST_F(ReturnReclaimTest, WhoGivesIsAskedAboutTheSourceWhoCallsBackAboutTheReceiver) {
  const std::vector<std::string> scopes{"credits:allocate"};
  auto reader = world.client_with(world.key({"credits:read"}), "crm");
  expect_problem(reader.post("/api/credits/return", giving(below, 1)), 403, "insufficient_scope");
  expect_problem(reader.post("/api/credits/reclaim", calling_back(below, 1)), 403, "insufficient_scope");

  auto bound_below = world.client_with(world.key(scopes, "", "organization/" + below), "crm");
  EXPECT_EQ(201, bound_below.post("/api/credits/return", giving(below, 1)).status());
  expect_problem(bound_below.post("/api/credits/return", giving(above, 1)), 403, "entity_out_of_scope");
  expect_problem(
      bound_below.post("/api/credits/reclaim", calling_back(below, 1)), 403, "entity_out_of_scope"
  );
  expect_problem(
      bound_below.post("/api/credits/reclaim", calling_back(below, 0, above)), 403, "entity_out_of_scope"
  ); // however wrong the rest is

  auto bound_above = world.client_with(world.key(scopes, "", "organization/" + above), "crm");
  EXPECT_EQ(201, bound_above.post("/api/credits/reclaim", calling_back(below, 1)).status());
  expect_problem(
      bound_above.post("/api/credits/reclaim", calling_back(above, 1)), 403, "entity_out_of_scope"
  );

  auto nameless = world.client_with(world.all(), "");
  expect_problem(nameless.post("/api/credits/return", giving(below, 1)), 400, "application_required");
}

/// A return goes to an entity that its caller need not know anything of.
TEST_F(ReturnReclaimTest, WhatTheParentHasIsToldToThoseWhoMayKnow) {
  auto gives = world.client_with(world.key({"credits:allocate"}, "", "organization/" + below), "crm");
  const auto given = gives.post("/api/credits/return", giving(below, 5), keyed(below + "-quiet"));
  ASSERT_EQ(201, given.status()) << given.response.body;
  EXPECT_TRUE(integer_at(given.response.body, "/fromBalance"));
  EXPECT_NE(given.response.body.find(R"("newBalance":null)"), std::string::npos);
  EXPECT_NE(given.response.body.find(R"("lotId":null)"), std::string::npos);
  const auto again = gives.post("/api/credits/return", giving(below, 5), keyed(below + "-quiet"));
  EXPECT_NE(again.response.body.find(R"("newBalance":null)"), std::string::npos);

  const auto path = "/api/credits/allocations/" + text_at(given.response.body, "/allocationId");
  auto reads_below = world.client_with(world.key({"credits:read"}, "", "organization/" + below), "crm");
  EXPECT_NE(reads_below.get(path).response.body.find(R"("newBalance":null)"), std::string::npos);
  EXPECT_TRUE(integer_at(client.get(path).response.body, "/allocations/0/newBalance"));
  EXPECT_TRUE(integer_at(give_back(giving(below, 5)).response.body, "/allocations/0/newBalance"));
}

TEST_F(ReturnReclaimTest, CallsBackFromBelowOnly) {
  const auto sibling = world.organization(1);
  expect_problem(reclaim(calling_back(sibling, 1, above)), 403, "not_in_subtree");
  expect_problem(reclaim(calling_back(above, 1, below)), 403, "not_in_subtree");
  expect_problem(reclaim(calling_back(below, 1, below)), 422, "same_entity");
  expect_problem(reclaim(calling_back("org-nowhere", 1, above)), 404, "entity_unknown");
  expect_problem(reclaim(calling_back(below, 1, "org-nowhere")), 404, "entity_unknown");
  EXPECT_EQ(1'000, available(sibling));
}

TEST_F(ReturnReclaimTest, RefusesWhatMakesNoSense) {
  const struct {
    const char* name;
    std::string returning;
    std::string reclaiming;
    int status;
    const char* code;
  } cases[] = {
      {"no JSON", "{", "{", 400, "invalid_json"},
      {"no amount",
       R"({"fromEntityType":"organization","fromEntityId":"x"})",
       R"({"entityType":"organization","entityId":"x"})",
       404,
       "entity_unknown"},
      {"zero", giving(below, 0), calling_back(below, 0), 422, "amount_out_of_range"},
      {"negative", giving(below, -1), calling_back(below, -1), 422, "amount_out_of_range"},
      {"too much",
       giving(below, 9'007'199'254'740'992),
       calling_back(below, 9'007'199'254'740'992),
       422,
       "amount_out_of_range"},
      {"an unknown field",
       giving(below, 1, R"(,"x":1)"),
       calling_back(below, 1, {}, R"(,"x":1)"),
       422,
       "unknown_field"},
      {"an unknown policy",
       giving(below, 1, R"(,"lotPolicy":"best")"),
       calling_back(below, 1, {}, R"(,"lotPolicy":"best")"),
       422,
       "validation_failed"},
      {"no lot",
       giving(below, 1, R"(,"lotIds":["x"])"),
       calling_back(below, 1, {}, R"(,"lotIds":["x"])"),
       422,
       "invalid_id"},
      {"a number as text",
       R"({"fromEntityType":"organization","fromEntityId":")" + below + R"(","credits":"1"})",
       R"({"entityType":"organization","entityId":")" + below + R"(","credits":"1"})",
       400,
       "invalid_type"},
      {"an unknown type",
       R"({"fromEntityType":"team","fromEntityId":"x","credits":1})",
       R"({"entityType":"team","entityId":"x","credits":1})",
       422,
       "unknown_entity_type"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    expect_problem(give_back(each.returning), each.status, each.code);
    expect_problem(reclaim(each.reclaiming), each.status, each.code);
  }
  expect_problem(
      reclaim(calling_back(below, 1, {}, R"(,"toEntityType":"organization")")), 422, "validation_failed"
  );
  expect_problem(client.post("/api/credits/return?x=1", giving(below, 1)), 422, "unknown_parameter");
  EXPECT_EQ(1'000, available(below));
}

/// Spends, holds and what is called back take each credit once.
TEST_F(ReturnReclaimTest, ReclaimsThatRaceWithSpendsEndExact) {
  std::atomic<std::int64_t> spent{0};
  std::atomic<std::int64_t> called_back{0};
  const auto expect_answer = [](const http_exchange& answer, int success) {
    EXPECT_TRUE(answer.status() == success || answer.status() == 402) << answer.response.body;
    return answer.status() == success;
  };
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 6; ++worker)
      workers.emplace_back([&, worker] {
        auto line = world.client();
        for (int i = 0; i < 40; ++i) {
          const bool spends = worker < 3;
          const auto units = spends ? 3 : 7;
          const auto answer = spends ? line.post("/api/credits/consume", world.spend(below, units))
                                     : line.post("/api/credits/reclaim", calling_back(below, units));
          if (expect_answer(answer, spends ? 200 : 201)) (spends ? spent : called_back) += units;
        }
      });
  }
  EXPECT_GT(called_back, 0);
  EXPECT_EQ(1'000, spent + called_back + available(below).value_or(0));
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] { return available(above) == 1'000 + called_back; }));
  const auto whole = balance_of(above);
  EXPECT_EQ(2'000 - spent, *integer_at(whole, "/rollup/own") + *integer_at(whole, "/rollup/descendants"));
}

} // namespace tessera::test
