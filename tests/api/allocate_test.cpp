#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <set>

namespace tessera::test {

namespace {

/// A tree of its own: an organisation with credits above an organisation and a location.
class AllocateTest : public testing::Test {
protected:
  AllocateTest() { world.service().create_location(world.all(), sub_location, above); }

  std::string balance_of(const std::string& type, const std::string& id) {
    return client.get("/api/credits/balance/" + type + "/" + id).response.body;
  }
  std::optional<std::int64_t> available(const std::string& type, const std::string& id) {
    return integer_at(balance_of(type, id), "/availableCredits");
  }

  static std::string leg(const std::string& type, const std::string& id, long credits) {
    return R"({"toEntityType":")" + type + R"(","toEntityId":")" + id + R"(","credits":)" +
           std::to_string(credits) + "}";
  }
  std::string body(const std::string& legs, const std::string& more = {}) const {
    return R"({"fromEntityType":"organization","fromEntityId":")" + above + R"(","allocations":[)" + legs +
           "]" + more + "}";
  }
  /// As in the brief: 1000 and 500.
  std::string both(long first = 1'000, long second = 500) const {
    return body(leg("organization", below, first) + "," + leg("location", sub_location, second));
  }
  http_exchange allocate(const std::string& json, const std::string& key = {}) {
    return client.post(
        "/api/credits/allocate", json, key.empty() ? header_list{} : header_list{{"Idempotency-Key", key}}
    );
  }
  static std::string fresh(const std::string& prefix) {
    static int last = 0;
    return prefix + std::to_string(++last) + "-of-allocate";
  }
  std::string sql(const std::string& query) {
    return world.service().cluster().query(world.service().database(), query);
  }

  api_world& world = api_world::instance();
  http_client client = world.client();
  std::string above = world.organization(2);
  std::string below = world.organization(0, above);
  std::string sub_location = fresh("loc-");
};

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

} // namespace

TEST_F(AllocateTest, MovesCreditsDownTheTree) {
  const auto answer = allocate(both());

  ASSERT_EQ(200, answer.status()) << answer.response.body;
  const auto& told = answer.response.body;
  EXPECT_EQ(true, boolean_at(told, "/success"));
  EXPECT_TRUE(text_at(told, "/allocationId").starts_with("alloc-"));
  EXPECT_EQ(500, integer_at(told, "/fromBalance"));
  ASSERT_EQ(2u, size_at(told, "/allocations"));
  EXPECT_EQ("organization", text_at(told, "/allocations/0/toEntityType"));
  EXPECT_EQ(below, text_at(told, "/allocations/0/toEntityId"));
  EXPECT_EQ(1'000, integer_at(told, "/allocations/0/credits"));
  EXPECT_EQ(1'000, integer_at(told, "/allocations/0/newBalance"));
  EXPECT_EQ("completed", text_at(told, "/allocations/0/status"));
  EXPECT_EQ("location", text_at(told, "/allocations/1/toEntityType"));
  EXPECT_EQ(500, integer_at(told, "/allocations/1/newBalance"));
  EXPECT_EQ(500, available("organization", above));
  EXPECT_EQ(1'000, available("organization", below));
  EXPECT_EQ(500, available("location", sub_location));
}

TEST_F(AllocateTest, ALotKeepsItsRootItsPurchaseAndItsEnd) {
  const auto source = balance_of("organization", above);
  const auto answer = allocate(body(leg("organization", below, 100)));
  const auto& told = answer.response.body;
  const auto receiver = balance_of("organization", below);

  ASSERT_EQ(1u, size_at(told, "/allocations/0/lots")) << told;
  for (const auto* field : {"rootLotId", "expiresAt", "expiryDate", "purchaseId"}) {
    const auto moved = text_at(told, std::string("/allocations/0/lots/0/") + field);
    EXPECT_FALSE(moved.empty()) << field;
    EXPECT_EQ(moved, text_at(source, std::string("/lots/0/") + field)) << field;
    EXPECT_EQ(moved, text_at(receiver, std::string("/lots/0/") + field)) << field;
  }
  EXPECT_EQ(text_at(source, "/lots/0/lotId"), text_at(told, "/allocations/0/lots/0/parentLotId"));
  EXPECT_EQ(text_at(receiver, "/lots/0/lotId"), text_at(told, "/allocations/0/lots/0/lotId"));

  ASSERT_EQ(200, allocate(body(leg("organization", below, 50))).status());
  const auto merged = balance_of("organization", below);
  EXPECT_EQ(1u, size_at(merged, "/lots"));
  EXPECT_EQ(150, integer_at(merged, "/lots/0/credits"));
}

TEST_F(AllocateTest, TakesTheLotsThatTheCallerChooses) {
  const auto source = balance_of("organization", above);
  const auto soonest = text_at(source, "/lots/0/lotId");
  const auto last = text_at(source, "/lots/1/lotId");
  const auto moved_from = [](const http_exchange& answer) {
    EXPECT_EQ(200, answer.status()) << answer.response.body;
    return text_at(answer.response.body, "/allocations/0/lots/0/parentLotId");
  };
  const auto to = leg("organization", below, 10);
  EXPECT_EQ(soonest, moved_from(allocate(body(to))));
  EXPECT_EQ(soonest, moved_from(allocate(body(to, R"(,"lotPolicy":"soonest_first")"))));
  EXPECT_EQ(last, moved_from(allocate(body(to, R"(,"lotPolicy":"latest_first","minRemainingDays":1)"))));
  EXPECT_EQ(last, moved_from(allocate(body(to, R"(,"lotIds":[")" + last + "\"]"))));

  const auto refused = allocate(body(leg("organization", below, 1'100), R"(,"lotIds":[")" + last + "\"]"));
  expect_problem(refused, 402, "insufficient_credits");
  EXPECT_EQ(980, integer_at(refused.response.body, "/wouldAllow"));
  EXPECT_EQ(1'960, integer_at(refused.response.body, "/availableCredits"));
  expect_problem(allocate(body(to, R"(,"minRemainingDays":36500)")), 402, "insufficient_credits");
}

TEST_F(AllocateTest, AllLegsOrNone) {
  const auto refused = allocate(both(1'500, 501));

  expect_problem(refused, 402, "insufficient_credits");
  const auto& told = refused.response.body;
  EXPECT_EQ("balance", text_at(told, "/blockedBy/kind"));
  EXPECT_EQ(above, text_at(told, "/blockedBy/entityId"));
  EXPECT_EQ(2'001, integer_at(told, "/requested"));
  EXPECT_EQ(2'000, integer_at(told, "/wouldAllow"));
  EXPECT_EQ(2'000, available("organization", above));
  EXPECT_EQ(0, available("organization", below));
  EXPECT_EQ(200, allocate(both(1'500, 500)).status());
}

TEST_F(AllocateTest, ARepeatedKeyGetsTheFirstFigures) {
  const auto first = allocate(both(), "key-1-" + above);
  ASSERT_EQ(200, first.status());
  EXPECT_TRUE(first.response.header("idempotent-replayed").empty());
  allocate(body(leg("organization", below, 100)));

  for (const bool restarted : {false, true}) {
    if (restarted) {
      world.service().crash_and_restart();
      client = world.client();
    }
    const auto again = allocate(both(), "key-1-" + above);
    ASSERT_EQ(200, again.status()) << again.response.body;
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    for (const auto* field : {"/allocationId", "/allocations/0/lots/0/lotId"})
      EXPECT_EQ(text_at(first.response.body, field), text_at(again.response.body, field));
    for (const auto* field : {"/fromBalance", "/allocations/0/newBalance", "/allocations/1/newBalance"})
      EXPECT_EQ(integer_at(first.response.body, field), integer_at(again.response.body, field));
  }
  expect_problem(allocate(both(1'000, 499), "key-1-" + above), 422, "idempotency_key_reused");
  EXPECT_EQ(400, available("organization", above));
}

TEST_F(AllocateTest, ARefusalIsRememberedUnderItsKey) {
  const auto refused = allocate(both(2'000, 500), "key-2-" + above);
  expect_problem(refused, 402, "insufficient_credits");
  EXPECT_EQ("", refused.response.header("idempotent-replayed"));
  world.buy(above);

  for (const bool restarted : {false, true}) {
    if (restarted) {
      world.service().crash_and_restart();
      client = world.client();
    }
    const auto again = allocate(both(2'000, 500), "key-2-" + above);
    expect_problem(again, 402, "insufficient_credits");
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    for (const auto* field : {"/requested", "/availableCredits", "/wouldAllow"})
      EXPECT_EQ(integer_at(refused.response.body, field), integer_at(again.response.body, field));
    expect_problem(allocate(both(1, 1), "key-2-" + above), 422, "idempotency_key_reused");
  }
  EXPECT_EQ(200, allocate(both(2'000, 500), "another-" + above).status());
}

TEST_F(AllocateTest, ALegThatCannotBeTakenInIsPendingAndArrivesLater) {
  const auto name = "stop_" + std::to_string(std::hash<std::string>{}(below));
  sql("CREATE FUNCTION " + name +
      "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$");
  sql("CREATE TRIGGER " + name + " BEFORE UPDATE ON credit_inbox FOR EACH ROW WHEN (NEW.account_id = '" +
      sql("SELECT account_id FROM entities WHERE entity_id = '" + below + "'") + "') EXECUTE FUNCTION " +
      name + "()");
  const auto answer = allocate(both(), "key-3-" + above);
  const auto spent = client.post("/api/credits/consume", world.spend(above, 1)); // others go on
  sql("DROP TRIGGER " + name + " ON credit_inbox");

  EXPECT_EQ(202, answer.status()) << answer.response.body;
  EXPECT_EQ(true, boolean_at(answer.response.body, "/success"));
  EXPECT_EQ(500, integer_at(answer.response.body, "/fromBalance"));
  EXPECT_EQ("pending", text_at(answer.response.body, "/allocations/0/status"));
  EXPECT_FALSE(integer_at(answer.response.body, "/allocations/0/newBalance"));
  EXPECT_EQ("completed", text_at(answer.response.body, "/allocations/1/status"));
  EXPECT_EQ(200, spent.status());

  const auto id = text_at(answer.response.body, "/allocationId");
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    const auto now = client.get("/api/credits/allocations/" + id);
    return text_at(now.response.body, "/status") == "completed";
  }));
  const auto again = allocate(both(), "key-3-" + above);
  EXPECT_EQ(200, again.status());
  EXPECT_EQ(1'000, integer_at(again.response.body, "/allocations/0/newBalance"));
}

TEST_F(AllocateTest, WhatAReceiverCannotHoldComesBack) {
  // The receiver's figures stand near their limit.
  sql("UPDATE credit_packages SET credits = 9007199254740991 WHERE package_id = 'thousand'");
  world.buy(below);
  sql("UPDATE credit_packages SET credits = 1000 WHERE package_id = 'thousand'");

  const auto answer = allocate(both());

  ASSERT_EQ(200, answer.status()) << answer.response.body;
  EXPECT_EQ("returned", text_at(answer.response.body, "/allocations/0/status"));
  EXPECT_EQ("completed", text_at(answer.response.body, "/allocations/1/status"));
  // At once, and not when the sweeper looks after inboxes: after two seconds.
  EXPECT_TRUE(wait_until(milliseconds{1'900}, [&] { return available("organization", above) == 1'500; }));
}

TEST_F(AllocateTest, RefusesWhatMakesNoSense) {
  const auto to = leg("organization", below, 5);
  std::string hundred_and_one = to;
  for (int i = 0; i < 100; ++i)
    hundred_and_one += "," + leg("organization", "org-x" + std::to_string(i), 1);
  const struct {
    const char* name;
    std::string json;
    int status;
    const char* code;
  } cases[] = {
      {"no JSON", "{", 400, "invalid_json"},
      {"a number as text",
       body(R"({"toEntityType":"organization","toEntityId":"x","credits":"5"})"),
       400,
       "invalid_type"},
      {"no legs", body(""), 422, "validation_failed"},
      {"too many legs", body(hundred_and_one), 422, "too_many_items"},
      {"zero", body(leg("organization", below, 0)), 422, "amount_out_of_range"},
      {"negative", body(leg("organization", below, -5)), 422, "amount_out_of_range"},
      {"too much",
       body(R"({"toEntityType":"organization","toEntityId":")" + below + R"(","credits":9007199254740992})"),
       422,
       "amount_out_of_range"},
      {"itself", body(leg("organization", above, 5)), 422, "same_entity"},
      {"the same twice", body(to + "," + to), 422, "duplicate_destination"},
      {"an unknown field", body(to, R"(,"note":"x")"), 422, "unknown_field"},
      {"an unknown field of a leg",
       body(R"({"toEntityType":"organization","toEntityId":")" + below + R"(","credits":5,"note":1})"),
       422,
       "unknown_field"},
      {"an unknown type", body(leg("team", below, 5)), 422, "unknown_entity_type"},
      {"an unknown policy", body(to, R"(,"lotPolicy":"best_first")"), 422, "validation_failed"},
      {"negative days", body(to, R"(,"minRemainingDays":-1)"), 422, "validation_failed"},
      {"no lot", body(to, R"(,"lotIds":["x"])"), 422, "invalid_id"},
      {"an unknown receiver", body(leg("organization", "org-nowhere", 5)), 404, "entity_unknown"},
      {"an unknown source",
       R"({"fromEntityType":"organization","fromEntityId":"org-nowhere","allocations":[]})",
       404,
       "entity_unknown"},
      {"the tenant above", body(leg("tenant", world.tenant(), 5)), 403, "not_in_subtree"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    const auto answer = allocate(each.json);
    EXPECT_EQ(each.status, answer.status()) << answer.response.body;
    EXPECT_EQ(each.code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  // Two amounts that no balance can hold together.
  const auto largest = 9'007'199'254'740'991L;
  expect_problem(allocate(both(largest, largest)), 422, "amount_out_of_range");
  EXPECT_EQ(2'000, available("organization", above));
}

TEST_F(AllocateTest, GoesDownTheTreeOnly) {
  const auto sibling = world.organization(0);
  const auto child = world.organization(0, below);
  expect_problem(allocate(body(leg("organization", sibling, 5))), 403, "not_in_subtree");
  EXPECT_EQ(200, allocate(body(leg("organization", child, 5))).status());

  const auto up = R"({"fromEntityType":"organization","fromEntityId":")" + child + R"(","allocations":[)" +
                  leg("organization", above, 5) + "]}";
  expect_problem(allocate(up), 403, "not_in_subtree");
}

TEST_F(AllocateTest, NeedsTheScopeAndTheSourceInsideTheBinding) {
  auto reader = world.client_with(world.key({"credits:read"}), "crm");
  expect_problem(reader.post("/api/credits/allocate", both()), 403, "insufficient_scope");

  const std::vector<std::string> scopes{"credits:allocate", "credits:read"};
  auto bound_below = world.client_with(world.key(scopes, "", "organization/" + below), "crm");
  expect_problem(bound_below.post("/api/credits/allocate", both()), 403, "entity_out_of_scope");
  auto bound_above = world.client_with(world.key(scopes, "", "organization/" + above), "crm");
  EXPECT_EQ(200, bound_above.post("/api/credits/allocate", both()).status());
  auto nameless = world.client_with(world.all(), "");
  expect_problem(nameless.post("/api/credits/allocate", both()), 400, "application_required");
}

TEST_F(AllocateTest, AuthorityComesBeforeValidationAndAKeyBeforeTheBalance) {
  auto bound = world.client_with(world.key({"credits:allocate"}, "", "organization/" + below), "crm");
  expect_problem(bound.post("/api/credits/allocate", both(0, 0)), 403, "entity_out_of_scope");
  const auto sibling = world.organization(0);
  expect_problem(allocate(body(leg("organization", sibling, 0), R"(,"x":1)")), 403, "not_in_subtree");
}

TEST_F(AllocateTest, AnotherTenantsReceiverLooksLikeNone) {
  world.service().create_tenant("other-of-" + above);
  const auto foreign = allocate(body(leg("tenant", "other-of-" + above, 5)));
  const auto missing = allocate(body(leg("tenant", "nobody-of-" + above, 5)));
  EXPECT_EQ(404, foreign.status());
  EXPECT_EQ(text_at(foreign.response.body, "/code"), text_at(missing.response.body, "/code"));
  EXPECT_EQ(text_at(foreign.response.body, "/detail"), text_at(missing.response.body, "/detail"));
}

TEST_F(AllocateTest, IsListedNewestFirstAndFoundById) {
  std::vector<std::string> made;
  for (long i = 1; i <= 3; ++i)
    made.push_back(text_at(allocate(both(i, 10 * i)).response.body, "/allocationId"));
  allocate(body(leg("location", sub_location, 7)));

  const auto route = "/api/credits/allocations?entityType=organization&entityId=" + below;
  const auto first = client.get(route + "&limit=2");
  ASSERT_EQ(200, first.status()) << first.response.body;
  ASSERT_EQ(2u, size_at(first.response.body, "/allocations"));
  EXPECT_EQ(made[2], text_at(first.response.body, "/allocations/0/allocationId"));
  EXPECT_EQ(33, integer_at(first.response.body, "/allocations/0/credits"));
  EXPECT_EQ("completed", text_at(first.response.body, "/allocations/0/status"));
  EXPECT_EQ(above, text_at(first.response.body, "/allocations/0/fromEntityId"));
  const auto rest = client.get(route + "&limit=2&cursor=" + text_at(first.response.body, "/nextCursor"));
  ASSERT_EQ(1u, size_at(rest.response.body, "/allocations")) << rest.response.body;
  EXPECT_EQ(made[0], text_at(rest.response.body, "/allocations/0/allocationId"));
  const auto cursor = text_at(first.response.body, "/nextCursor");
  EXPECT_FALSE(cursor.empty());
  EXPECT_EQ("<" + route + "&limit=2&cursor=" + cursor + ">; rel=\"next\"", first.response.header("link"));
  EXPECT_EQ("", rest.response.header("link"));
  const auto other = "/api/credits/allocations?entityType=organization&entityId=" + above;
  expect_problem(client.get(other + "&cursor=" + cursor), 400, "invalid_cursor");
  expect_problem(client.get(route + "&cursor=" + made[1]), 400, "invalid_cursor");
  EXPECT_TRUE(text_at(rest.response.body, "/nextCursor").empty());

  const auto one = client.get("/api/credits/allocations/" + made[1]);
  EXPECT_EQ(200, one.status());
  EXPECT_EQ(made[1], text_at(one.response.body, "/allocationId"));
  EXPECT_EQ("completed", text_at(one.response.body, "/status"));
  EXPECT_EQ(34u, one.response.header("etag").size());
  EXPECT_EQ(22, integer_at(one.response.body, "/credits"));
  EXPECT_EQ(2u, size_at(one.response.body, "/allocations"));
  auto hr = world.client_with(world.all(), "hr"); // allocations are not filtered by application
  EXPECT_EQ(one.response.body, hr.get("/api/credits/allocations/" + made[1]).response.body);
}

TEST_F(AllocateTest, RefusesABadQuery) {
  const std::string route = "/api/credits/allocations";
  expect_problem(client.get(route + "?x=1"), 422, "unknown_parameter");
  expect_problem(client.get(route + "?limit=0"), 422, "invalid_parameter");
  expect_problem(client.get(route + "?limit=101"), 422, "invalid_parameter");
  expect_problem(client.get(route + "?entityType=organization"), 422, "required");
  expect_problem(client.get(route + "?entityType=team&entityId=x"), 422, "unknown_entity_type");
  expect_problem(client.get(route + "?cursor=alloc-1"), 400, "invalid_cursor");
  expect_problem(client.get(route + "?cursor=%27"), 400, "invalid_cursor");
  expect_problem(client.get(route + "/alloc-1"), 404, "allocation_unknown");
  expect_problem(client.get(route + "/" + std::string(300, 'x')), 404, "allocation_unknown");
}

TEST_F(AllocateTest, ABoundKeySeesOnlyWhatIsItsOwn) {
  const auto id = text_at(allocate(both()).response.body, "/allocationId");
  auto receiver = world.client_with(world.key({"credits:read"}, "", "organization/" + below), "crm");
  auto stranger =
      world.client_with(world.key({"credits:read"}, "", "organization/" + world.organization(0)), "crm");

  const auto seen = receiver.get("/api/credits/allocations/" + id);
  ASSERT_EQ(200, seen.status());
  EXPECT_EQ(1u, size_at(seen.response.body, "/allocations"));
  EXPECT_EQ(1'000, integer_at(seen.response.body, "/credits"));
  expect_problem(stranger.get("/api/credits/allocations/" + id), 403, "entity_out_of_scope");
  expect_problem(stranger.get("/api/credits/allocations/alloc-1"), 404, "allocation_unknown");
  EXPECT_EQ(0u, size_at(stranger.get("/api/credits/allocations").response.body, "/allocations"));
  expect_problem(stranger.get("/api/credits/allocations?cursor=" + id), 400, "invalid_cursor");
}

TEST_F(AllocateTest, TheLedgerNamesTheAllocationOnBothSides) {
  const auto id = text_at(allocate(both()).response.body, "/allocationId");
  const auto route = "/api/credits/transactions?entityType=organization&entityId=";
  const auto given = client.get(route + above).response.body;
  EXPECT_EQ("allocate_out", text_at(given, "/transactions/0/type"));
  EXPECT_EQ(500, integer_at(given, "/transactions/0/credits"));
  EXPECT_EQ(id, text_at(given, "/transactions/0/reference/allocationId"));
  EXPECT_EQ("allocate_out", text_at(given, "/transactions/1/type"));
  const auto received = client.get(route + below).response.body;
  EXPECT_EQ("allocate_in", text_at(received, "/transactions/0/type"));
  EXPECT_EQ(id, text_at(received, "/transactions/0/reference/allocationId"));
}

TEST_F(AllocateTest, TellsTheWorldWhatArrived) {
  const auto id = text_at(allocate(both()).response.body, "/allocationId");
  const auto told = [&](const std::string& entity, const std::string& kind) {
    return sql(
        "SELECT payload FROM outbox JOIN entities USING (account_id) WHERE kind = '" + kind +
        "' AND entity_id = '" + entity + "' LIMIT 1"
    );
  };
  const auto allocated = told(below, "credits.allocated");
  EXPECT_EQ("organization", text_at(allocated, "/entityType"));
  EXPECT_EQ(below, text_at(allocated, "/entityId"));
  EXPECT_EQ(1'000, integer_at(allocated, "/credits"));
  EXPECT_EQ(1'000, integer_at(allocated, "/availableCredits"));
  EXPECT_EQ(id, text_at(allocated, "/allocationId"));
  EXPECT_EQ(above, text_at(allocated, "/fromEntityId"));
  EXPECT_EQ(1'000, integer_at(told(above, "credits.purchased"), "/credits"));
  EXPECT_TRUE(text_at(told(above, "credits.purchased"), "/purchaseId").starts_with("pur-"));
}

} // namespace tessera::test
