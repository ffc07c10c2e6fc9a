#include "tests/api/api_world.hpp"

namespace tessera::test {

namespace {

std::string code_of(const http_exchange& answer) {
  return text_at(answer.response.body, "/code");
}
std::string batch(const std::vector<std::string>& items) {
  std::string body = R"({"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i)
    body += (i == 0 ? "" : ",") + items[i];
  return body + "]}";
}
std::string event_id(const std::string& id) {
  return R"(,"eventId":")" + id + "\"";
}
std::string result_at(std::size_t index, const std::string& field) {
  return "/results/" + std::to_string(index) + "/" + field;
}

} // namespace

TEST(ConsumeBatchTest, AnswersEveryItemInOrder) {
  auto& world = api_world::instance();
  const auto rich = world.organization(1);
  const auto poor = world.organization(0);
  auto client = world.client();

  const auto told = client.post(
      "/api/credits/consume",
      batch({world.spend(rich, 600), world.spend(poor, 1), world.spend(rich, 500), world.spend(rich, 400)})
  );

  ASSERT_EQ(200, told.status()) << told.response.body;
  const auto& body = told.response.body;
  EXPECT_EQ(false, boolean_at(body, "/success"));
  EXPECT_EQ(2, integer_at(body, "/accepted"));
  EXPECT_EQ(2, integer_at(body, "/refused"));
  EXPECT_EQ(400, integer_at(body, result_at(0, "availableCredits")));
  EXPECT_EQ(402, integer_at(body, result_at(1, "status")));
  EXPECT_EQ(poor, text_at(body, result_at(1, "blockedBy/entityId")));
  EXPECT_EQ(400, integer_at(body, result_at(2, "wouldAllow")));
  EXPECT_EQ(0, integer_at(body, result_at(3, "availableCredits")));
}

TEST(ConsumeBatchTest, AnUnknownOrForbiddenEntityRefusesItsItemOnly) {
  auto& world = api_world::instance();
  const auto mine = world.organization(1);
  const auto other = world.organization(1);
  auto client = world.client_with(world.key({"credits:consume"}, "crm", "organization/" + mine), "");

  const auto told = client.post(
      "/api/credits/consume", batch({world.spend("no-such", 1), world.spend(other, 1), world.spend(mine, 1)})
  );

  ASSERT_EQ(200, told.status()) << told.response.body;
  EXPECT_EQ("entity_unknown", text_at(told.response.body, result_at(0, "code")));
  EXPECT_EQ("entity_out_of_scope", text_at(told.response.body, result_at(1, "code")));
  EXPECT_EQ(999, integer_at(told.response.body, result_at(2, "availableCredits")));
}

TEST(ConsumeBatchTest, AMalformedItemRefusesTheWholeBatch) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  const auto good = world.spend(organization, 1);
  const struct {
    std::string name, bad;
    int status;
    std::string code, pointer;
  } table[] = {
      {"amount", world.spend(organization, 0), 422, "amount_out_of_range", "/items/1/credits"},
      {"field", world.spend(organization, 1, R"(,"x":1)"), 422, "unknown_field", "/items/1/x"},
      {"type", world.spend(organization, 1, R"(,"meter":1)"), 400, "invalid_type", "/items/1/meter"},
      {"no object", "7", 400, "invalid_type", "/items/1"},
      {"too old",
       world.spend(organization, 1, R"(,"occurredAt":"2020-01-01T00:00:00Z")"),
       422,
       "event_too_old",
       "/items/1/occurredAt"},
      {"ahead",
       world.spend(organization, 1, R"(,"occurredAt":"2999-01-01T00:00:00Z")"),
       422,
       "event_in_future",
       "/items/1/occurredAt"},
  };
  for (const auto& row : table) {
    const auto told = client.post("/api/credits/consume", batch({good, row.bad}));
    EXPECT_EQ(row.status, told.status()) << row.name << told.response.body;
    EXPECT_EQ(row.code, code_of(told)) << row.name;
    EXPECT_EQ(row.pointer, text_at(told.response.body, "/errors/0/pointer")) << row.name;
  }
  const auto empty = client.post("/api/credits/consume", batch({}));
  EXPECT_EQ(422, empty.status());
  const auto unknown = client.post("/api/credits/consume", R"({"items":[)" + good + R"(],"credits":1})");
  EXPECT_EQ("unknown_field", code_of(unknown));
  const auto balance = client.get("/api/credits/balance/organization/" + organization);
  EXPECT_EQ(1000, integer_at(balance.response.body, "/availableCredits"));
}

TEST(ConsumeBatchTest, TenThousandItemsAndNoMore) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  auto client = world.client();
  std::vector<std::string> items(10'000, world.spend(organization, 1));

  const auto most = client.post("/api/credits/consume", batch(items));
  items.push_back(items.front());
  const auto too_many = client.post("/api/credits/consume", batch(items));

  ASSERT_EQ(200, most.status());
  EXPECT_EQ(10'000, integer_at(most.response.body, "/refused"));
  EXPECT_EQ(422, too_many.status());
  EXPECT_EQ("too_many_items", code_of(too_many));
}

TEST(ConsumeBatchTest, TheBodyOfOneSpendIsStillSmall) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto told = client.post(
      "/api/credits/consume", world.spend("org-1", 1, ",\"x\":\"" + std::string(70'000, 'x') + "\"")
  );
  EXPECT_EQ(413, told.status());
  EXPECT_EQ("body_too_large", code_of(told));
}

TEST(ConsumeBatchTest, AnItemWithoutAnEventIdHasTheKeyOfTheCallAndItsIndex) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  const header_list key{{"Idempotency-Key", "batch of " + organization}};
  const auto body = batch({world.spend(organization, 1), world.spend(organization, 1)});

  const auto first = client.post("/api/credits/consume", body, key);
  const auto again = client.post("/api/credits/consume", body, key);
  const auto single = client.post(
      "/api/credits/consume",
      world.spend(organization, 1),
      {{"Idempotency-Key", "batch of " + organization + "/1"}}
  );

  EXPECT_EQ(2, integer_at(first.response.body, "/accepted"));
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  for (const std::size_t i : {0, 1}) {
    EXPECT_EQ(true, boolean_at(again.response.body, result_at(i, "replayed")));
    EXPECT_EQ(
        text_at(first.response.body, result_at(i, "transactionId")),
        text_at(again.response.body, result_at(i, "transactionId"))
    );
  }
  EXPECT_EQ(true, boolean_at(single.response.body, "/replayed")) << single.response.body;
}

TEST(ConsumeBatchTest, ManyAccountsAnswerInOrderWithRefusalsAndReplays) {
  auto& world = api_world::instance();
  std::vector<std::string> owners;
  for (int i = 0; i < 40; ++i)
    owners.push_back(world.organization(1));
  auto client = world.client();
  const auto prefix = owners.front() + "-e";
  for (const std::size_t i : {5, 105, 1'005, 2'005, 9'005}) // these will be replays
    client.post(
        "/api/credits/consume",
        world.spend(owners[i % owners.size()], 1, event_id(prefix + std::to_string(i)))
    );
  std::vector<std::string> items;
  for (std::size_t i = 0; i < 10'000; ++i) {
    const bool refused = i == 10 || i == 5'010 || i == 9'999;
    items.push_back(
        world.spend(owners[i % owners.size()], refused ? 5'000 : 1, event_id(prefix + std::to_string(i)))
    );
  }

  const auto told = client.post("/api/credits/consume", batch(items));

  ASSERT_EQ(200, told.status()) << told.response.body;
  const auto& body = told.response.body;
  EXPECT_EQ(9'997, integer_at(body, "/accepted"));
  EXPECT_EQ(3, integer_at(body, "/refused"));
  for (const std::size_t i : {10, 5'010, 9'999})
    EXPECT_EQ("insufficient_credits", text_at(body, result_at(i, "code")));
  for (const std::size_t i : {5, 105, 1'005, 2'005, 9'005})
    EXPECT_EQ(true, boolean_at(body, result_at(i, "replayed")));
  EXPECT_EQ(false, boolean_at(body, result_at(6, "replayed")));
  const auto balance = client.get("/api/credits/balance/organization/" + owners[1]);
  EXPECT_EQ(750, integer_at(balance.response.body, "/availableCredits"));
}

TEST(ConsumeBatchTest, ABatchThatACrashCutIsFinishedByTheSameBatch) {
  tessera_service service;
  service.create_tenant("t");
  service.create_package("t", "thousand", 1000, 1);
  const auto all =
      service.create_api_key("t", {"credits:read", "credits:consume", "credits:purchase", "directory:write"});
  service.create_application(all, "crm");
  std::vector<std::string> items;
  auto client = service.client(all);
  client.set_header("X-Application", "crm");
  service.create_organization(all, "o");
  client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
  );
  for (int i = 0; i < 900; ++i)
    items.push_back(api_world::spend("o", 1, event_id("e" + std::to_string(i))));
  service.stop();
  {
    // Slices of 500 take two rounds at least: one is in the ledger, one is not.
    tessera_service dying(
        {.environment = {{"TESSERA_CRASH_AT", "before_round:2"}},
         .database = service.database(),
         .cluster = &service.cluster()}
    );
    auto witness = dying.client(all);
    witness.set_header("X-Application", "crm");
    EXPECT_EQ(exchange_failure::lost, witness.post("/api/credits/consume", batch(items)).failure);
  }
  service.start();

  const auto told = client.post("/api/credits/consume", batch(items));

  ASSERT_EQ(200, told.status()) << told.response.body;
  EXPECT_EQ(900, integer_at(told.response.body, "/accepted"));
  EXPECT_EQ(true, boolean_at(told.response.body, result_at(0, "replayed")));
  EXPECT_EQ(false, boolean_at(told.response.body, result_at(899, "replayed")));
  const auto balance = client.get("/api/credits/balance/organization/o");
  EXPECT_EQ(100, integer_at(balance.response.body, "/availableCredits"));
  EXPECT_EQ(900, integer_at(balance.response.body, "/usedCredits"));
}

TEST(CloudEventsTest, OneAndManyAreAnsweredAsSpends) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  const auto event = [&](const std::string& id, const std::string& region = "eu") {
    return R"({"specversion":"1.0","type":"calls","source":"/)" + organization + R"(","id":")" + id +
           R"(","subject":"organization/)" + organization + R"(","data":{"credits":7},"region":")" + region +
           "\"}";
  };
  const auto post = [&](const std::string& type, std::string body, header_list more = {}) {
    more.emplace_back("Content-Type", type);
    return client.post("/api/credits/consume", std::move(body), std::move(more));
  };

  const auto one = post("application/cloudevents+json; charset=utf-8", event("1"));
  // Sent again with another attribute of its courier's.
  const auto many =
      post("application/cloudevents-batch+json", "[" + event("1", "us") + "," + event("2") + "]");
  const auto none = post("application/cloudevents-batch+json", "[]");
  const auto wrong = post("application/cloudevents-batch+json", "[" + event("3") + ",{}]");
  const auto binary = post("application/json", world.spend(organization, 1), {{"ce-specversion", "1.0"}});

  ASSERT_EQ(200, one.status()) << one.response.body;
  EXPECT_EQ(993, integer_at(one.response.body, "/availableCredits"));
  ASSERT_EQ(200, many.status()) << many.response.body;
  EXPECT_EQ(true, boolean_at(many.response.body, result_at(0, "replayed")));
  EXPECT_EQ(986, integer_at(many.response.body, result_at(1, "availableCredits")));
  EXPECT_EQ(422, none.status());
  EXPECT_EQ("/1/specversion", text_at(wrong.response.body, "/errors/0/pointer"));
  EXPECT_EQ(415, binary.status());
  EXPECT_EQ("unsupported_media_type", code_of(binary));
}

} // namespace tessera::test
