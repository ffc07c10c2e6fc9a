// POST /api/credits/grants, against the real binary.
#include "messages/types/time.hpp"
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <chrono>

namespace tessera::test {

namespace {

constexpr const char* grants_path = "/api/credits/grants";

std::string in_future(std::chrono::seconds later) {
  return to_rfc3339(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now() + later));
}

class GrantsTest : public testing::Test {
protected:
  std::string body(long credits, const std::string& more = R"(,"kind":"promo")") {
    return world.spend(organization, credits, more + R"(,"reason":"welcome")");
  }
  std::string lot(const std::string& id) {
    const auto all = client.get("/api/credits/lots/organization/" + organization).response.body;
    for (const auto& each : items_at(all, "/lots"))
      if (text_at(each, "/lotId") == id) return each;
    return {};
  }
  std::string newest() {
    return client.get("/api/credits/transactions?limit=1&entityType=organization&entityId=" + organization)
        .response.body;
  }
  std::int64_t available(http_client from) {
    return integer_at(
               from.get("/api/credits/balance/organization/" + organization).response.body,
               "/availableCredits"
    )
        .value_or(-1);
  }
  static void expect_problem(const http_exchange& answer, int status, const std::string& code) {
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  void set_policy(bool manages_credits) {
    const auto set = world.service().operator_client().put(
        "/api/tenants/" + world.tenant(),
        std::string(R"({"policies":{"managesCredits":)") + (manages_credits ? "true" : "false") + "}}"
    );
    ASSERT_EQ(200, set.status()) << set.response.body;
  }

  api_world& world = api_world::instance();
  const std::string organization = world.organization(0);
  http_client client = world.client();
  http_client seller = world.of_operator();
};

} // namespace

TEST_F(GrantsTest, GivesALotOfItsOwn) {
  const auto end = in_future(std::chrono::hours(48));

  const auto given = seller.post(
      grants_path,
      body(100, R"(,"kind":"promo","priority":7,"applications":["crm"],"expiresAt":")" + end + "\"")
  );

  ASSERT_EQ(201, given.status()) << given.response.body;
  const auto& told = given.response.body;
  EXPECT_EQ(true, boolean_at(told, "/success"));
  EXPECT_TRUE(text_at(told, "/grantId").starts_with("grant-")) << told;
  EXPECT_EQ("completed", text_at(told, "/status"));
  EXPECT_EQ(100, integer_at(told, "/credits"));
  EXPECT_EQ(100, integer_at(told, "/newBalance"));
  EXPECT_EQ(end, text_at(told, "/expiresAt"));
  EXPECT_EQ(end.substr(0, 10), text_at(told, "/expiryDate"));
  EXPECT_EQ(false, boolean_at(told, "/replayed"));
  const auto there = lot(text_at(told, "/lotId"));
  EXPECT_EQ("promo", text_at(there, "/kind"));
  EXPECT_EQ(7, integer_at(there, "/priority"));
  EXPECT_EQ("crm", text_at(there, "/applications/0"));
  EXPECT_EQ(end, text_at(there, "/expiresAt"));
  const auto entry = newest();
  EXPECT_EQ("grant", text_at(entry, "/transactions/0/type"));
  EXPECT_EQ(text_at(told, "/transactionId"), text_at(entry, "/transactions/0/transactionId"));
  EXPECT_EQ(text_at(told, "/grantId"), text_at(entry, "/transactions/0/reference/grantId"));
  EXPECT_TRUE(text_at(entry, "/transactions/0/requestedBy/kind").starts_with("operator"));
  EXPECT_EQ(100, available(world.client()));
  EXPECT_EQ(0, available(world.client_with(world.all(), "hr")));
}

TEST_F(GrantsTest, KindsAndEnds) {
  const auto bonus = seller.post(grants_path, body(10, R"(,"kind":"bonus","validityDays":30)"));
  ASSERT_EQ(201, bonus.status()) << bonus.response.body;
  EXPECT_EQ("bonus", text_at(newest(), "/transactions/0/type"));
  EXPECT_EQ(
      in_future(std::chrono::hours(24 * 30)).substr(0, 10), text_at(bonus.response.body, "/expiryDate")
  );
  EXPECT_EQ(
      in_future(std::chrono::hours(24 * 31)).substr(0, 10) + "T00:00:00Z",
      text_at(bonus.response.body, "/expiresAt")
  );

  const auto plan = seller.post(grants_path, body(10, R"(,"kind":"plan")"));
  ASSERT_EQ(201, plan.status()) << plan.response.body;
  EXPECT_EQ("grant", text_at(newest(), "/transactions/0/type"));
  EXPECT_NE(plan.response.body.find(R"("expiryDate":null,"expiresAt":null)"), std::string::npos);
  EXPECT_EQ("plan", text_at(lot(text_at(plan.response.body, "/lotId")), "/kind"));
  EXPECT_EQ(20, available(world.client()));
}

/// The key is looked at before what would be refused today.
TEST_F(GrantsTest, ARepeatedCallGetsItsFirstAnswerAlsoWhenTheLotIsOver) {
  const auto shortly =
      body(100, R"(,"kind":"promo","expiresAt":")" + in_future(std::chrono::seconds{2}) + "\"");
  const header_list key{{"Idempotency-Key", "short " + organization}};
  const auto first = seller.post(grants_path, shortly, key);
  ASSERT_EQ(201, first.status()) << first.response.body;
  EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] { return available(world.client()) == 0; }));
  const auto again = seller.post(grants_path, shortly, key);
  EXPECT_EQ(201, again.status()) << again.response.body;
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(text_at(first.response.body, "/grantId"), text_at(again.response.body, "/grantId"));
  const auto late = seller.post(grants_path, shortly, {{"Idempotency-Key", "late " + organization}});
  expect_problem(late, 422, "validation_failed");
  EXPECT_EQ("/expiresAt", text_at(late.response.body, "/errors/0/pointer"));
  EXPECT_EQ("out_of_range", text_at(late.response.body, "/errors/0/code"));
}

TEST_F(GrantsTest, TheReasonIsToldWithTheEntry) {
  ASSERT_EQ(201, seller.post(grants_path, body(10)).status());
  EXPECT_EQ("welcome", text_at(newest(), "/transactions/0/reason"));
  const auto csv = client.get(
      "/api/credits/transactions?entityType=organization&entityId=" + organization, {{"Accept", "text/csv"}}
  );
  EXPECT_NE(csv.response.body.find(",cause,reason\r\n"), std::string::npos);
  EXPECT_NE(csv.response.body.find(",,welcome\r\n"), std::string::npos) << csv.response.body;
}

TEST_F(GrantsTest, TheSellerAloneUnlessThePolicySaysSo) {
  const auto mail = organization + "@acme.test";
  world.service().create_user(world.tenant(), mail, "a password for tests 1", "tenant_admin", {}, {"crm"});
  const auto token = text_at(world.service().sign_in(mail, "a password for tests 1"), "/accessToken");
  auto admin = world.client_with(token, "crm");

  expect_problem(client.post(grants_path, body(1)), 403, "insufficient_role");
  expect_problem(admin.post(grants_path, body(1)), 403, "insufficient_role");
  set_policy(true);
  const auto answered = [&](int status) { // the node hears of it a moment later
    return wait_until(milliseconds{10'000}, [&] {
      return admin.post(grants_path, body(1), {{"Idempotency-Key", "of " + mail}}).status() == status;
    });
  };
  EXPECT_TRUE(answered(201));
  expect_problem(client.post(grants_path, body(1)), 403, "insufficient_role");
  set_policy(false);
  EXPECT_TRUE(answered(403));
  EXPECT_EQ(1, available(world.client()));
  auto nameless = world.client_with(world.service().operator_key(), "");
  expect_problem(nameless.post(grants_path, body(1)), 400, "tenant_required");
}

TEST_F(GrantsTest, BadRequests) {
  struct bad {
    std::string more;
    int status;
    const char* code;
    const char* pointer;
  };
  const auto ends = [](const std::string& at) { return R"(,"kind":"promo","expiresAt":")" + at + "\""; };
  const bad table[] = {
      {R"(,"kind":"paid")", 422, "validation_failed", "/kind"},
      {"", 422, "validation_failed", "/kind"},
      {ends(in_future(std::chrono::hours(-1))), 422, "validation_failed", "/expiresAt"},
      {ends(in_future(std::chrono::hours(24 * 36'526))), 422, "validation_failed", "/expiresAt"},
      {ends("tomorrow"), 422, "validation_failed", "/expiresAt"},
      {ends(in_future(std::chrono::hours(1))) + R"(,"validityDays":1)",
       422,
       "validation_failed",
       "/validityDays"},
      {R"(,"kind":"promo","validityDays":0)", 422, "validation_failed", "/validityDays"},
      {R"(,"kind":"promo","priority":101)", 422, "validation_failed", "/priority"},
      {R"(,"kind":"promo","applications":["crm","erp"])", 422, "unknown_application", "/applications/1"},
      {R"(,"kind":"promo","applications":["crm","crm"])", 422, "validation_failed", "/applications/1"},
      {R"(,"kind":"promo","applications":[])", 422, "validation_failed", "/applications"},
      {R"(,"kind":"promo","unitCost":1)", 422, "unknown_field", "/unitCost"},
      {R"(,"kind":7)", 400, "invalid_type", "/kind"},
  };
  for (const auto& each : table) {
    const auto answer = seller.post(grants_path, body(5, each.more));
    expect_problem(answer, each.status, each.code);
    EXPECT_EQ(each.pointer, text_at(answer.response.body, "/errors/0/pointer")) << each.more;
  }
  const auto without_reason = seller.post(grants_path, world.spend(organization, 5, R"(,"kind":"promo")"));
  expect_problem(without_reason, 422, "validation_failed");
  EXPECT_EQ("/reason", text_at(without_reason.response.body, "/errors/0/pointer"));
  expect_problem(seller.post(grants_path, body(0)), 422, "amount_out_of_range");
  expect_problem(
      seller.post(grants_path, world.spend("org-nowhere", 5, R"(,"kind":"promo","reason":"x")")),
      404,
      "entity_unknown"
  );
  EXPECT_EQ(0, available(world.client()));
}

TEST_F(GrantsTest, ARepeatedKeyGivesTheFirstAnswerAlsoAfterARestart) {
  const header_list key{{"Idempotency-Key", "give " + organization}};
  const auto first = seller.post(grants_path, body(100), key);
  ASSERT_EQ(201, first.status()) << first.response.body;
  EXPECT_EQ(201, seller.post(grants_path, body(50)).status());

  for (const bool restarted : {false, true}) {
    if (restarted) world.service().crash_and_restart();
    auto again_seller = world.of_operator();
    const auto again = again_seller.post(grants_path, body(100), key);
    EXPECT_EQ(201, again.status()) << again.response.body;
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    EXPECT_EQ(true, boolean_at(again.response.body, "/replayed"));
    for (const auto* same : {"/grantId", "/transactionId", "/lotId"})
      EXPECT_EQ(text_at(first.response.body, same), text_at(again.response.body, same));
    EXPECT_EQ(100, integer_at(again.response.body, "/newBalance"));
    expect_problem(again_seller.post(grants_path, body(101), key), 422, "idempotency_key_reused");
  }
  EXPECT_EQ(150, available(world.client()));
}

TEST_F(GrantsTest, WhatDoesNotFitIsRefusedAndThatIsRemembered) {
  const header_list key{{"Idempotency-Key", "too much " + organization}};
  ASSERT_EQ(201, seller.post(grants_path, body(9'007'199'254'740'990)).status());

  const auto refused = seller.post(grants_path, body(2), key);
  expect_problem(refused, 422, "amount_out_of_range");
  EXPECT_EQ("", refused.response.header("idempotent-replayed"));
  const auto again = seller.post(grants_path, body(2), key);
  expect_problem(again, 422, "amount_out_of_range");
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(201, seller.post(grants_path, body(1)).status());
}

/// The account can't take the credits in, for as long as the trigger is there.
TEST_F(GrantsTest, OneThatIsPendingArrivesLater) {
  const auto sql = [&](const std::string& query) {
    return world.service().cluster().query(world.service().database(), query);
  };
  const auto account = sql("SELECT account_id FROM entities WHERE entity_id = '" + organization + "'");
  sql("CREATE FUNCTION no_grant_yet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not "
      "yet'; "
      "END $$");
  sql("CREATE TRIGGER no_grant_yet BEFORE UPDATE ON credit_inbox FOR EACH ROW WHEN (NEW.account_id = '" +
      account + "') EXECUTE FUNCTION no_grant_yet()");
  const header_list key{{"Idempotency-Key", "pending-" + organization}};
  const auto pending = seller.post(grants_path, body(100), key);
  sql("DROP TRIGGER no_grant_yet ON credit_inbox");

  ASSERT_EQ(202, pending.status()) << pending.response.body;
  EXPECT_EQ("pending", text_at(pending.response.body, "/status"));
  EXPECT_EQ(100, integer_at(pending.response.body, "/credits"));
  EXPECT_EQ(0, integer_at(pending.response.body, "/newBalance"));
  for (const auto* none : {"transactionId", "expiryDate", "expiresAt", "lotId"})
    EXPECT_NE(pending.response.body.find("\"" + std::string(none) + "\":null"), std::string::npos) << none;
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return seller.post(grants_path, body(100), key).status() == 201;
  }));
  EXPECT_EQ(100, available(world.client()));
}

/// The row is there, its caller was told nothing.
TEST(GrantLifeTest, OneWhoseCallerHeardNothingArrivesOnce) {
  tessera_service service;
  service.create_tenant("t");
  const auto key = service.create_api_key("t", {"credits:read", "directory:write"});
  service.create_application(key, "crm");
  service.create_organization(key, "o");
  const auto give = [&](tessera_service& to) {
    auto seller = to.operator_client();
    seller.set_header("X-Tenant", "t");
    return seller.post(
        grants_path,
        R"({"entityType":"organization","entityId":"o","credits":100,"kind":"promo","reason":"x"})",
        {{"Idempotency-Key", "once"}}
    );
  };
  service.stop();
  {
    tessera_service dying(
        {.environment = {{"TESSERA_CRASH_AT", "after_grant_before_nudge"}},
         .database = service.database(),
         .cluster = &service.cluster()}
    );
    EXPECT_EQ(exchange_failure::lost, give(dying).failure);
  }
  service.start();

  const auto told = give(service);

  EXPECT_EQ(201, told.status()) << told.response.body;
  EXPECT_EQ(true, boolean_at(told.response.body, "/replayed"));
  auto client = service.client(key);
  client.set_header("X-Application", "crm");
  const auto balance = client.get("/api/credits/balance/organization/o").response.body;
  EXPECT_EQ(100, integer_at(balance, "/availableCredits")) << balance;
}

} // namespace tessera::test
