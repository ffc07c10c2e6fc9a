#include "tests/api/api_world.hpp"

#include <chrono>

namespace tessera::test {

namespace {

std::string batch(const std::vector<std::string>& items, const std::string& atomic = "true") {
  std::string body = R"({"atomic":)" + atomic + R"(,"items":[)";
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

class ConsumeAtomicTest : public testing::Test {
protected:
  http_exchange ask(const std::vector<std::string>& items, header_list headers = {}) {
    return client.post("/api/credits/consume", batch(items), std::move(headers));
  }
  std::int64_t available(const std::string& organization) {
    const auto balance = client.get("/api/credits/balance/organization/" + organization);
    return integer_at(balance.response.body, "/availableCredits").value_or(-1);
  }
  /// Status, code and, where it is said, the item.
  static void expect(
      const http_exchange& told, int status, const std::string& code, std::optional<std::int64_t> item = {}
  ) {
    EXPECT_EQ(status, told.status()) << told.response.body;
    EXPECT_EQ(code, text_at(told.response.body, "/code")) << told.response.body;
    EXPECT_EQ(item, integer_at(told.response.body, "/item")) << told.response.body;
  }

  api_world& world = api_world::instance();
  http_client client = world.client();
};

TEST_F(ConsumeAtomicTest, AllItemsHappenAndAreAnsweredInOrder) {
  const auto mine = world.organization(1);

  const auto told = ask({world.spend(mine, 600), world.spend(mine, 300), world.spend(mine, 100)});

  ASSERT_EQ(200, told.status()) << told.response.body;
  const auto& body = told.response.body;
  EXPECT_EQ(true, boolean_at(body, "/success"));
  EXPECT_EQ(3, integer_at(body, "/accepted"));
  EXPECT_EQ(0, integer_at(body, "/refused"));
  EXPECT_EQ(400, integer_at(body, result_at(0, "availableCredits")));
  EXPECT_EQ(100, integer_at(body, result_at(1, "availableCredits")));
  EXPECT_EQ(0, integer_at(body, result_at(2, "availableCredits")));
  EXPECT_EQ(false, boolean_at(body, result_at(2, "replayed")));
}

TEST_F(ConsumeAtomicTest, ARefusalIsOneProblemWithItsItemAndNothingHappens) {
  const auto mine = world.organization(1);

  const auto told = ask({world.spend(mine, 600), world.spend(mine, 500), world.spend(mine, 1)});

  expect(told, 402, "insufficient_credits", 1);
  const auto& body = told.response.body;
  EXPECT_EQ("application/problem+json", told.response.header("content-type"));
  EXPECT_EQ(500, integer_at(body, "/requested"));
  EXPECT_EQ(1'000, integer_at(body, "/availableCredits"));
  EXPECT_EQ(400, integer_at(body, "/wouldAllow"));
  EXPECT_EQ("balance", text_at(body, "/blockedBy/kind"));
  EXPECT_EQ(mine, text_at(body, "/blockedBy/entityId"));
  EXPECT_EQ(1'000, available(mine));
}

TEST_F(ConsumeAtomicTest, WithoutAtomicItemsStandForThemselves) {
  const auto mine = world.organization(1);
  const std::vector items{world.spend(mine, 600), world.spend(mine, 500)};

  const auto told = client.post("/api/credits/consume", batch(items, "false"));

  ASSERT_EQ(200, told.status()) << told.response.body;
  EXPECT_EQ(1, integer_at(told.response.body, "/refused"));
}

TEST_F(ConsumeAtomicTest, ARepeatedBatchIsReplayedAndAMixtureIsRefused) {
  const auto mine = world.organization(1);
  const auto item = [&](const std::string& id, long credits = 10) {
    return world.spend(mine, credits, event_id(mine + id));
  };
  const auto first = ask({item("a"), item("b")});

  const auto again = ask({item("a"), item("b")});
  const auto mixture = ask({item("c"), item("b"), item("a")});
  const auto other = ask({item("c"), item("b", 11)});
  const auto single = client.post("/api/credits/consume", item("b"));

  ASSERT_EQ(200, first.status()) << first.response.body;
  EXPECT_EQ("", first.response.header("idempotent-replayed"));
  ASSERT_EQ(200, again.status()) << again.response.body;
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(2, integer_at(again.response.body, "/accepted"));
  for (const std::size_t i : {0, 1}) {
    EXPECT_EQ(true, boolean_at(again.response.body, result_at(i, "replayed")));
    EXPECT_EQ(
        text_at(first.response.body, result_at(i, "transactionId")),
        text_at(again.response.body, result_at(i, "transactionId"))
    );
  }
  expect(mixture, 409, "partially_replayed", 1);
  expect(other, 422, "idempotency_key_reused", 1);
  EXPECT_EQ(true, boolean_at(single.response.body, "/replayed"));
  EXPECT_EQ(980, available(mine));
}

TEST_F(ConsumeAtomicTest, AnItemWithoutAnEventIdHasTheKeyOfTheCallAndItsIndex) {
  const auto mine = world.organization(1);
  const std::vector items{world.spend(mine, 1), world.spend(mine, 1)};
  const header_list key{{"Idempotency-Key", "atomic " + mine}};

  const auto first = ask(items, key);
  const auto again = ask(items, key);
  const auto shorter = ask({items[0]}, key);
  const auto longer = ask({items[0], items[1], items[0]}, key);

  EXPECT_EQ(200, first.status()) << first.response.body;
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(200, shorter.status()) << shorter.response.body;
  expect(longer, 409, "partially_replayed", 0);
  EXPECT_EQ(998, available(mine));
}

TEST_F(ConsumeAtomicTest, WhatIsNotValidIsRefusedBeforeAnythingHappens) {
  const auto mine = world.organization(1);
  const auto other = world.organization(1);
  const auto good = world.spend(mine, 1);
  const auto keyed = world.spend(mine, 1, event_id(mine + "twice"));
  const struct {
    std::string name, body;
    int status;
    std::string code, pointer;
  } table[] = {
      {"two entities", batch({good, world.spend(other, 1)}), 422, "atomic_needs_one_entity", "/items/1"},
      {"an unknown second",
       batch({good, good, world.spend("no-such", 1)}),
       422,
       "atomic_needs_one_entity",
       "/items/2"},
      {"one key twice", batch({keyed, good, keyed}), 422, "duplicate_event_id", "/items/2/eventId"},
      {"amount", batch({good, world.spend(mine, 0)}), 422, "amount_out_of_range", "/items/1/credits"},
      {"type of atomic", batch({good}, "1"), 400, "invalid_type", "/atomic"},
      {"null", batch({good}, "null"), 400, "invalid_type", "/atomic"},
      {"none", batch({}), 422, "validation_failed", "/items"},
      {"unknown entity", batch({world.spend("no-such", 1)}), 404, "entity_unknown", ""},
      {"of a single spend", world.spend(mine, 1, R"(,"atomic":true)"), 422, "unknown_field", "/atomic"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const auto told = client.post("/api/credits/consume", row.body);
    expect(told, row.status, row.code);
    EXPECT_EQ(row.pointer, text_at(told.response.body, "/errors/0/pointer"));
  }
  EXPECT_EQ(1'000, available(mine));
  EXPECT_EQ(1'000, available(other));
}

TEST_F(ConsumeAtomicTest, ABoundKeySpendsInItsPartOfTheTreeOnly) {
  const auto mine = world.organization(1);
  const auto other = world.organization(1);
  auto bound = world.client_with(world.key({"credits:consume"}, "crm", "organization/" + mine), "");

  const auto allowed = bound.post("/api/credits/consume", batch({world.spend(mine, 1)}));
  const auto forbidden = bound.post("/api/credits/consume", batch({world.spend(other, 1)}));

  EXPECT_EQ(200, allowed.status()) << allowed.response.body;
  expect(forbidden, 403, "entity_out_of_scope");
}

TEST_F(ConsumeAtomicTest, TenThousandItemsAreOneRoundWithinThePatience) {
  const auto mine = world.organization(11);
  std::vector<std::string> items;
  for (int i = 0; i < 10'000; ++i)
    items.push_back(world.spend(mine, 1, event_id(mine + "-" + std::to_string(i))));

  const auto began = std::chrono::steady_clock::now();
  const auto told = ask(items);
  const auto took = std::chrono::steady_clock::now() - began;
  const auto again = ask(items);
  items.push_back(items.front());
  const auto too_many = ask(items);

  ASSERT_EQ(200, told.status()) << told.response.body.substr(0, 500);
  std::cout << "10,000 items in " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
            << " ms\n";
  EXPECT_EQ(10'000, integer_at(told.response.body, "/accepted"));
  EXPECT_EQ(1'000, integer_at(told.response.body, result_at(9'999, "availableCredits")));
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  expect(too_many, 422, "too_many_items");
  EXPECT_EQ(1'000, available(mine));
}

} // namespace

} // namespace tessera::test
