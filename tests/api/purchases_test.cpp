#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr auto purchase_route = "/api/credits/purchase";
constexpr auto list_route = "/api/credits/purchases";

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

std::string order(const std::string& organization, const std::string& more = {}) {
  return R"({"packageId":"thousand","entityType":"organization","entityId":")" + organization +
         R"(","paymentMethod":"test")" + more + "}";
}

/// Buys and returns the purchase's id.
std::string bought(http_client& client, const std::string& organization, const std::string& more = {}) {
  const auto answer = client.post(purchase_route, order(organization, more));
  EXPECT_EQ(201, answer.status()) << answer.response.body;
  return text_at(answer.response.body, "/purchaseId");
}

} // namespace

/// The brief's request, with the method that exists.
TEST(PurchasesTest, TheBriefsPurchaseHasAReceipt) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto organization = world.organization(0);
  const auto answer = client.post(
      purchase_route,
      order(
          organization,
          R"(,"billingAddress":{"street":"123 Business St","city":"Bangalore","country":"India","zipCode":"560001"})"
      )
  );
  ASSERT_EQ(201, answer.status()) << answer.response.body;
  const auto url = text_at(answer.response.body, "/invoiceUrl");
  ASSERT_THAT(url, StartsWith(world.service().base_url() + list_route + "/pur-"));

  const auto page = client.get(url.substr(world.service().base_url().size()));
  EXPECT_EQ(200, page.status());
  EXPECT_EQ("text/html; charset=utf-8", page.response.header("content-type"));
  EXPECT_THAT(page.response.header("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.response.body, HasSubstr("123 Business St<br>560001 Bangalore<br>India"));
  EXPECT_THAT(page.response.body, HasSubstr("50.00 USD"));
}

TEST(PurchasesTest, OneIsSeenWithWhereItsUnitsAre) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto organization = world.organization(0);
  const auto id = bought(client, organization, R"(,"billingAddress":{"city":"Pune"})");
  ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 250)).status());

  const auto seen = client.get(std::string(list_route) + "/" + id).response.body;

  EXPECT_EQ(true, boolean_at(seen, "/success"));
  EXPECT_EQ(id, text_at(seen, "/purchaseId"));
  EXPECT_EQ("completed", text_at(seen, "/status"));
  EXPECT_EQ("thousand", text_at(seen, "/packageId"));
  EXPECT_EQ(1000, integer_at(seen, "/credits"));
  EXPECT_EQ(50, integer_at(seen, "/amount"));
  EXPECT_EQ(5000, integer_at(seen, "/amountMinor"));
  EXPECT_EQ("USD", text_at(seen, "/currency"));
  EXPECT_EQ("test", text_at(seen, "/paymentMethod"));
  EXPECT_EQ("organization", text_at(seen, "/entityType"));
  EXPECT_EQ(organization, text_at(seen, "/entityId"));
  EXPECT_EQ(10u, text_at(seen, "/expiryDate").size());
  EXPECT_EQ("Pune", text_at(seen, "/billingAddress/city"));
  EXPECT_NE("", text_at(seen, "/createdAt"));
  EXPECT_NE("", text_at(seen, "/completedAt"));
  EXPECT_EQ(750, integer_at(seen, "/units/free"));
  EXPECT_EQ(250, integer_at(seen, "/units/used"));
  for (const auto* none :
       {"/units/held", "/units/expired", "/units/refunded", "/units/clawed", "/units/debtRepaid"})
    EXPECT_EQ(0, integer_at(seen, none)) << none;
  EXPECT_EQ(0u, size_at(seen, "/units/allocated"));
}

TEST(PurchasesTest, TheTagOfOneChangesWithIt) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto organization = world.organization(0);
  const auto route = std::string(list_route) + "/" + bought(client, organization);

  const auto before = client.get(route).response.header("etag");
  EXPECT_EQ(34u, before.size());
  EXPECT_EQ(before, client.get(route).response.header("etag"));
  ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 1)).status());
  EXPECT_NE(before, client.get(route).response.header("etag"));
}

/// The account can't take the credits in, for as long as the trigger is there.
TEST(PurchasesTest, OneThatIsPendingTellsTheBalanceAsItIs) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto organization = world.organization(1);
  const auto sql = [&](const std::string& query) {
    return world.service().cluster().query(world.service().database(), query);
  };
  const auto account = sql("SELECT account_id FROM entities WHERE entity_id = '" + organization + "'");
  sql("CREATE FUNCTION not_yet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not yet'; END "
      "$$");
  sql("CREATE TRIGGER not_yet BEFORE UPDATE ON credit_inbox FOR EACH ROW WHEN (NEW.account_id = '" + account +
      "') EXECUTE FUNCTION not_yet()");
  const header_list key{{"Idempotency-Key", "pending-" + organization}};
  const auto pending = client.post(purchase_route, order(organization), key);
  sql("DROP TRIGGER not_yet ON credit_inbox");

  ASSERT_EQ(202, pending.status()) << pending.response.body;
  EXPECT_EQ("pending", text_at(pending.response.body, "/status"));
  EXPECT_EQ(0, integer_at(pending.response.body, "/creditsAdded"));
  EXPECT_EQ(1'000, integer_at(pending.response.body, "/newBalance"));
  EXPECT_THAT(pending.response.body, HasSubstr(R"("expiryDate":null,"expiresAt":null)"));
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return client.post(purchase_route, order(organization), key).status() == 201;
  }));
}

TEST(PurchasesTest, PagesMeetAndCursorsBelongToTheirList) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto organization = world.organization(0);
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(bought(client, organization));
  const auto route = list_route + std::string("?limit=2&entityType=organization&entityId=") + organization;

  const auto first = client.get(route);
  const auto cursor = text_at(first.response.body, "/nextCursor");
  const auto second = client.get(route + "&cursor=" + cursor);

  EXPECT_EQ(ids[2], text_at(first.response.body, "/purchases/0/purchaseId"));
  EXPECT_EQ(ids[1], text_at(first.response.body, "/purchases/1/purchaseId"));
  EXPECT_EQ("<" + route + "&cursor=" + cursor + ">; rel=\"next\"", first.response.header("link"));
  EXPECT_EQ(ids[0], text_at(second.response.body, "/purchases/0/purchaseId"));
  EXPECT_EQ(1u, size_at(second.response.body, "/purchases"));
  EXPECT_EQ("", text_at(second.response.body, "/nextCursor"));
  EXPECT_EQ("", second.response.header("link"));

  auto forged = cursor;
  forged.back() = forged.back() == '0' ? '1' : '0';
  expect_problem(client.get(route + "&cursor=" + forged), 400, "invalid_cursor");
  expect_problem(client.get(route + "&status=pending&cursor=" + cursor), 400, "invalid_cursor");
  expect_problem(client.get(list_route + std::string("?cursor=") + cursor), 400, "invalid_cursor");
  expect_problem(client.get(route + "&cursor=zzz"), 400, "invalid_cursor");
}

TEST(PurchasesTest, FiltersSelect) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto above = world.organization(0);
  const auto below = world.organization(0, above);
  const auto upper = bought(client, above);
  const auto lower = bought(client, below);
  const auto route = list_route + std::string("?entityType=organization&entityId=") + above;
  const auto count = [&](const std::string& more) {
    return size_at(client.get(route + more).response.body, "/purchases");
  };

  EXPECT_EQ(1u, count(""));
  EXPECT_EQ(2u, count("&descendants=true"));
  EXPECT_EQ(1u, count("&status=completed"));
  EXPECT_EQ(0u, count("&status=failed"));
  EXPECT_EQ(1u, count("&from=2020-01-01T00:00:00Z&to=2120-01-01T00:00:00Z"));
  EXPECT_EQ(0u, count("&from=2120-01-01T00:00:00Z"));
  EXPECT_EQ(0u, count("&to=2020-01-01T00:00:00Z"));
}

TEST(PurchasesTest, OutsideOfTheKeysScopeThereIsNone) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto mine = world.organization(0);
  const auto below = world.organization(0, mine);
  const auto beside = world.organization(0);
  const auto own = bought(client, mine);
  const auto lower = bought(client, below);
  const auto foreign = bought(client, beside);
  auto bound = world.client_with(world.key({"credits:read"}, "", "organization/" + mine), "crm");
  const auto stranger = world.service().create_tenant();
  const auto key = world.service().create_api_key(stranger, {"credits:read", "directory:write"});
  world.service().create_application(key, "crm");
  auto elsewhere = world.client_with(key, "crm");
  const auto path = [](const std::string& id) { return list_route + ("/" + id); };

  EXPECT_EQ(2u, size_at(bound.get(list_route).response.body, "/purchases"));
  EXPECT_EQ(200, bound.get(path(own)).status());
  EXPECT_EQ(200, bound.get(path(lower)).status());
  for (const auto* more : {"", "/invoice"}) {
    expect_problem(bound.get(path(foreign) + more), 404, "purchase_unknown");
    expect_problem(elsewhere.get(path(own) + more), 404, "purchase_unknown");
    expect_problem(client.get(path("pur-nothing") + more), 404, "purchase_unknown");
    expect_problem(client.get(path("%ff") + more), 404, "purchase_unknown");
  }
  // Not even the words differ.
  const header_list same{{"X-Request-Id", "same"}};
  const auto one = bound.get(path(foreign), same).response.body;
  auto other = bound.get(path("pur-nothing"), same).response.body;
  other.replace(other.find("pur-nothing"), std::string("pur-nothing").size(), foreign);
  EXPECT_EQ(one, other);
  expect_problem(
      bound.get(list_route + std::string("?entityType=organization&entityId=") + beside),
      403,
      "entity_out_of_scope"
  );
  expect_problem(
      elsewhere.get(list_route + std::string("?entityType=organization&entityId=") + mine),
      404,
      "entity_unknown"
  );
}

TEST(PurchasesTest, QueriesAreChecked) {
  auto client = api_world::instance().client();
  const struct {
    const char* query;
    const char* code;
  } table[] = {
      {"?colour=red", "unknown_parameter"},
      {"?limit=0", "invalid_parameter"},
      {"?limit=101", "invalid_parameter"},
      {"?limit=ten", "invalid_parameter"},
      {"?status=paid", "invalid_parameter"},
      {"?from=yesterday", "invalid_parameter"},
      {"?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "invalid_parameter"},
      {"?entityType=organization", "required"},
      {"?entityId=org-1", "required"},
      {"?descendants=true", "required"},
      {"?entityType=planet&entityId=org-1", "unknown_entity_type"},
      {"?limit=1&limit=2", "duplicate_parameter"},
  };
  for (const auto& row : table) {
    const auto answer = client.get(list_route + std::string(row.query));
    EXPECT_EQ(422, answer.status()) << row.query;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code")) << row.query << answer.response.body;
  }
  expect_problem(client.get(list_route + std::string("/pur-1?x=1")), 422, "unknown_parameter");
  expect_problem(client.get(list_route + std::string("/pur-1/invoice?x=1")), 422, "unknown_parameter");
}

TEST(PurchasesTest, BadOrdersBuyNothing) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto organization = world.organization(0);
  const auto with_method = [&](const std::string& method) {
    return R"({"packageId":"thousand","entityType":"organization","entityId":")" + organization +
           R"(","paymentMethod":)" + method + "}";
  };
  const struct {
    std::string body;
    int status;
    std::string code;
    std::string pointer;
  } table[] = {
      {with_method("\"stripe\""), 422, "payment_method_unavailable", "/paymentMethod"},
      {with_method("\"cash\""), 422, "validation_failed", "/paymentMethod"},
      {with_method("1"), 400, "invalid_type", "/paymentMethod"},
      {R"({"packageId":"thousand","entityType":"organization","entityId":")" + organization + "\"}",
       422,
       "validation_failed",
       "/paymentMethod"},
      {order(organization, R"(,"billingAddress":"here")"), 400, "invalid_type", "/billingAddress"},
      {order(organization, R"(,"billingAddress":{})"), 422, "validation_failed", "/billingAddress"},
      {order(organization, R"(,"billingAddress":{"street":"a\u0000"})"), 400, "invalid_json", ""},
      {order(organization, R"(,"billingAddress":{"street":"a\tb"})"),
       422,
       "validation_failed",
       "/billingAddress/street"},
      {order(organization, R"(,"billingAddress":{"city":"a","planet":"b"})"),
       422,
       "unknown_field",
       "/billingAddress/planet"},
      {order(organization, R"(,"credits":5)"), 422, "unknown_field", "/credits"},
      {order(organization, R"(,"amount":5)"), 422, "unknown_field", "/amount"},
  };
  for (const auto& row : table) {
    const auto answer = client.post(purchase_route, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.body << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code")) << row.body << answer.response.body;
    EXPECT_EQ(row.pointer, text_at(answer.response.body, "/errors/0/pointer")) << row.body;
  }
  expect_problem(
      client.post(
          purchase_route,
          R"({"packageId":"nothing","paymentMethod":"test","entityType":"organization","entityId":")" +
              organization + "\"}"
      ),
      404,
      "package_unknown"
  );
  const auto list = client.get(list_route + std::string("?entityType=organization&entityId=") + organization);
  EXPECT_EQ(0u, size_at(list.response.body, "/purchases"));
}

} // namespace tessera::test
