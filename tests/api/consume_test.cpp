#include "tests/api/api_world.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

std::string code_of(const http_exchange& answer) {
  return text_at(answer.response.body, "/code");
}

} // namespace

TEST(ConsumeTest, SpendsAndTellsWhatIsLeft) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();

  const auto spent = client.post("/api/credits/consume", world.spend(organization, 300));

  ASSERT_EQ(200, spent.status()) << spent.response.body;
  EXPECT_EQ(700, integer_at(spent.response.body, "/availableCredits"));
  EXPECT_EQ(false, boolean_at(spent.response.body, "/replayed"));
  EXPECT_EQ("2", spent.response.header("x-balance-seq"));
  const auto balance = client.get("/api/credits/balance/organization/" + organization);
  EXPECT_EQ(700, integer_at(balance.response.body, "/availableCredits"));
  EXPECT_EQ(300, integer_at(balance.response.body, "/usedCredits"));
  EXPECT_EQ(1000, integer_at(balance.response.body, "/totalCredits"));
  EXPECT_EQ("2", balance.response.header("x-balance-seq"));
}

TEST(ConsumeTest, ARepeatedKeyGivesTheFirstAnswerAndAnotherCommandIsRefused) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  const header_list key{{"Idempotency-Key", "key of " + organization}};

  const auto first = client.post("/api/credits/consume", world.spend(organization, 10), key);
  const auto again = client.post("/api/credits/consume", world.spend(organization, 10), key);
  const auto other = client.post("/api/credits/consume", world.spend(organization, 11), key);

  EXPECT_EQ(text_at(first.response.body, "/transactionId"), text_at(again.response.body, "/transactionId"));
  EXPECT_EQ(true, boolean_at(again.response.body, "/replayed"));
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(422, other.status());
  EXPECT_EQ("idempotency_key_reused", code_of(other));
}

TEST(ConsumeTest, AKeyOutlivesARestartAndAnEmptyBalance) {
  tessera_service service;
  service.create_tenant("t");
  service.create_package("t", "thousand", 1000, 1);
  const auto all =
      service.create_api_key("t", {"credits:read", "credits:consume", "credits:purchase", "directory:write"});
  service.create_application(all, "crm");
  service.create_organization(all, "o");
  auto client = service.client(all);
  client.set_header("X-Application", "crm");
  client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
  );
  const header_list key{{"Idempotency-Key", "k"}};
  const auto first = client.post("/api/credits/consume", api_world::spend("o", 1000), key);
  ASSERT_EQ(200, first.status()) << first.response.body;

  service.crash_and_restart();
  const auto again = client.post("/api/credits/consume", api_world::spend("o", 1000), key);
  const auto fresh = client.post("/api/credits/consume", api_world::spend("o", 1));

  EXPECT_EQ(200, again.status()) << again.response.body;
  EXPECT_EQ(true, boolean_at(again.response.body, "/replayed"));
  EXPECT_EQ(text_at(first.response.body, "/transactionId"), text_at(again.response.body, "/transactionId"));
  EXPECT_EQ(402, fresh.status());
}

TEST(ConsumeTest, ARefusalSaysWhatWouldPass) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();

  const auto refused = client.post("/api/credits/consume", world.spend(organization, 1001));

  ASSERT_EQ(402, refused.status());
  const auto& body = refused.response.body;
  EXPECT_EQ("insufficient_credits", text_at(body, "/code"));
  EXPECT_EQ("balance", text_at(body, "/blockedBy/kind"));
  EXPECT_EQ(organization, text_at(body, "/blockedBy/entityId"));
  EXPECT_EQ(1001, integer_at(body, "/requested"));
  EXPECT_EQ(1000, integer_at(body, "/availableCredits"));
  EXPECT_EQ(1000, integer_at(body, "/wouldAllow"));
  EXPECT_EQ("application/problem+json", refused.response.header("content-type"));
}

struct bad_spend {
  const char* name;
  const char* body;
  int status;
  const char* code;
};

class BadSpendTest : public testing::TestWithParam<bad_spend> {};

TEST_P(BadSpendTest, IsRefusedAndChangesNothing) {
  auto& world = api_world::instance();
  static const auto organization = world.organization(1);
  auto client = world.client();
  std::string body = GetParam().body;
  if (const auto at = body.find("ORG"); at != std::string::npos) body.replace(at, 3, organization);

  const auto answer = client.post("/api/credits/consume", body);

  EXPECT_EQ(GetParam().status, answer.status()) << answer.response.body;
  EXPECT_EQ(GetParam().code, code_of(answer)) << answer.response.body;
  const auto balance = client.get("/api/credits/balance/organization/" + organization);
  EXPECT_EQ("1", balance.response.header("x-balance-seq")) << "something was written";
}

#define FIELDS R"({"entityType":"organization","entityId":"ORG")"
INSTANTIATE_TEST_SUITE_P(
    Bodies,
    BadSpendTest,
    testing::Values(
        bad_spend{"NotJson", "{", 400, "invalid_json"},
        bad_spend{"TwoDocuments", FIELDS R"(,"credits":1}{})", 400, "invalid_json"},
        bad_spend{"Array", "[]", 400, "invalid_type"},
        bad_spend{"DuplicateKey", FIELDS R"(,"credits":1,"credits":2})", 400, "invalid_json"},
        bad_spend{"Nul", FIELDS R"(,"credits":1,"meter":"a\u0000b"})", 400, "invalid_json"},
        bad_spend{"CreditsText", FIELDS R"(,"credits":"5"})", 400, "invalid_type"},
        bad_spend{"CreditsDecimal", FIELDS R"(,"credits":5.0})", 400, "invalid_type"},
        bad_spend{"CreditsExponent", FIELDS R"(,"credits":1e3})", 400, "invalid_type"},
        bad_spend{"CreditsNull", FIELDS R"(,"credits":null})", 400, "invalid_type"},
        bad_spend{"CreditsZero", FIELDS R"(,"credits":0})", 422, "amount_out_of_range"},
        bad_spend{"CreditsNegative", FIELDS R"(,"credits":-5})", 422, "amount_out_of_range"},
        bad_spend{
            "CreditsAboveJavaScript", FIELDS R"(,"credits":9007199254740992})", 422, "amount_out_of_range"},
        bad_spend{"CreditsMissing", FIELDS "}", 422, "validation_failed"},
        bad_spend{"UnknownField", FIELDS R"(,"credits":1,"price":2})", 422, "unknown_field"},
        bad_spend{"TenantField", FIELDS R"(,"credits":1,"tenant_id":"x"})", 422, "unknown_field"},
        bad_spend{
            "UnknownEntityType",
            R"({"entityType":"galaxy","entityId":"ORG","credits":1})",
            422,
            "unknown_entity_type"},
        bad_spend{
            "UnknownEntity",
            R"({"entityType":"organization","entityId":"nobody","credits":1})",
            404,
            "entity_unknown"},
        bad_spend{
            "BadEntityId",
            R"({"entityType":"organization","entityId":"../x","credits":1})",
            422,
            "invalid_id"},
        bad_spend{
            "EventTooOld",
            FIELDS R"(,"credits":1,"occurredAt":"2020-01-01T00:00:00Z"})",
            422,
            "event_too_old"},
        bad_spend{
            "EventInFuture",
            FIELDS R"(,"credits":1,"occurredAt":"2199-01-01T00:00:00Z"})",
            422,
            "event_in_future"},
        bad_spend{"NoSuchTime", FIELDS R"(,"credits":1,"occurredAt":"yesterday"})", 422, "validation_failed"}
    ),
    [](const auto& row) { return row.param.name; }
);
#undef FIELDS

TEST(ConsumeTest, SixtyFourParallelCallsWithOneKeySpendOnce) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  std::atomic<int> fresh{0};
  std::atomic<int> replayed{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 64; ++i)
    callers.emplace_back([&] {
      auto client = world.client();
      const auto answer = client.post(
          "/api/credits/consume",
          world.spend(organization, 7),
          {{"Idempotency-Key", "one key " + organization}}
      );
      if (answer.status() == 200)
        (boolean_at(answer.response.body, "/replayed") == true ? replayed : fresh)++;
    });
  for (auto& caller : callers)
    caller.join();

  EXPECT_EQ(1, fresh);
  EXPECT_EQ(63, replayed);
  auto client = world.client();
  const auto balance = client.get("/api/credits/balance/organization/" + organization);
  EXPECT_EQ(993, integer_at(balance.response.body, "/availableCredits"));
}

TEST(ConsumeTest, AStormOnANearlyEmptyBalanceEndsAtZero) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto first = world.client();
  ASSERT_EQ(200, first.post("/api/credits/consume", world.spend(organization, 900)).status());
  std::atomic<int> spent{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i)
    callers.emplace_back([&] {
      auto client = world.client();
      for (int j = 0; j < 10; ++j) {
        const auto answer = client.post("/api/credits/consume", world.spend(organization, 1));
        if (answer.status() == 200) ++spent;
        if (answer.status() == 402 && !text_at(answer.response.body, "/blockedBy/kind").empty()) ++refused;
      }
    });
  for (auto& caller : callers)
    caller.join();

  EXPECT_EQ(100, spent);
  EXPECT_EQ(60, refused);
  const auto balance = first.get("/api/credits/balance/organization/" + organization);
  EXPECT_EQ(0, integer_at(balance.response.body, "/availableCredits"));
}

} // namespace tessera::test
