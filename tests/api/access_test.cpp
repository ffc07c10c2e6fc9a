#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

} // namespace

TEST(AccessTest, WithoutAKeyNobodyEnters) {
  auto& world = api_world::instance();
  auto nobody = world.service().client();
  auto wrong = world.client_with("tsk_0000000000000000000000000000000000000000000", "crm");

  const auto answer = nobody.post("/api/credits/consume", "{");
  expect_problem(answer, 401, "unauthorized");
  EXPECT_EQ("Bearer", answer.response.header("www-authenticate"));
  expect_problem(wrong.get("/api/credits/packages"), 401, "unauthorized");
}

TEST(AccessTest, AKeyDoesWhatItsScopesSay) {
  auto& world = api_world::instance();
  auto reader = world.client_with(world.key({"credits:read"}), "crm");

  expect_problem(reader.post("/api/credits/consume", world.spend("any", 1)), 403, "insufficient_scope");
  EXPECT_EQ(200, reader.get("/api/credits/packages").status());
}

TEST(AccessTest, ABoundKeyReachesItsEntityAndWhatIsBelow) {
  auto& world = api_world::instance();
  const auto above = world.organization(1);
  const auto below = world.organization(1, above);
  const auto beside = world.organization(1);
  auto bound = world.client_with(world.key({"credits:consume"}, "", "organization/" + above), "crm");

  EXPECT_EQ(200, bound.post("/api/credits/consume", world.spend(above, 1)).status());
  EXPECT_EQ(200, bound.post("/api/credits/consume", world.spend(below, 1)).status());
  expect_problem(bound.post("/api/credits/consume", world.spend(beside, 1)), 403, "entity_out_of_scope");
}

TEST(AccessTest, AuthorityComesBeforeValidation) {
  auto& world = api_world::instance();
  const auto mine = world.organization(0);
  const auto theirs = world.organization(0);
  auto bound = world.client_with(world.key({"credits:consume"}, "", "organization/" + mine), "crm");

  expect_problem(bound.post("/api/credits/consume", world.spend(theirs, 0)), 403, "entity_out_of_scope");
}

TEST(AccessTest, AnApplicationIsNamedKnownAndTheKeysOwn) {
  auto& world = api_world::instance();
  auto unnamed = world.client_with(world.all(), "");
  auto unknown = world.client_with(world.all(), "erp");
  const auto crm_key = world.key({"credits:read"}, "crm");
  auto bound = world.client_with(crm_key, "");
  auto other = world.client_with(crm_key, "hr");

  expect_problem(unnamed.get("/api/credits/packages"), 400, "application_required");
  expect_problem(unknown.get("/api/credits/packages"), 422, "unknown_application");
  EXPECT_EQ(200, bound.get("/api/credits/packages").status());
  expect_problem(other.get("/api/credits/packages"), 403, "application_forbidden");
}

TEST(AccessTest, AuthorityComesBeforeValidationInListsAndOfNewEntities) {
  auto& world = api_world::instance();
  const auto own = world.organization(0);
  const auto foreign = world.organization(0);
  const auto key = world.key({"credits:read", "directory:write"}, "", "organization/" + own);
  auto client = world.client_with(key, "crm");

  for (const auto* list : {"purchases", "allocations", "transactions", "usage"}) {
    const auto route = std::string("/api/credits/") + list + "?entityType=organization&x=1&entityId=";
    expect_problem(client.get(route + foreign), 403, "entity_out_of_scope");
    expect_problem(client.get(route + own), 422, "unknown_parameter");
  }
  const auto below = [](const std::string& parent) { return R"({"name":"","parentId":")" + parent + "\"}"; };
  expect_problem(client.post("/api/organizations", below(foreign)), 403, "entity_out_of_scope");
  EXPECT_EQ(422, client.post("/api/organizations", below(own)).status());
}

/// The node has not heard of it: the database is asked before the filter is called unknown.
TEST(AccessTest, AnApplicationOfAFilterIsNotUnknownBeforeTheDatabaseWasAsked) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto usage = [&](const std::string& application) {
    return client.get("/api/credits/usage?application=" + application);
  };
  ASSERT_EQ(200, client.get("/api/credits/usage").status());
  expect_problem(usage("nothing"), 422, "unknown_application");
  world.service().cluster().query(
      world.service().database(),
      "INSERT INTO applications (tenant_id, application_id, name)"
      " SELECT tenant_id, 'just-made', '' FROM tenants WHERE id = '" +
          world.tenant() + "'"
  );
  expect_problem(usage("just-made"), 403, "application_forbidden");
}

TEST(AccessTest, AnotherTenantsEntityLooksLikeNone) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  const auto stranger = world.service().create_tenant();
  const auto key =
      world.service().create_api_key(stranger, {"credits:read", "credits:consume", "directory:write"});
  world.service().create_application(key, "crm");
  auto client = world.client_with(key, "crm");

  // What is answered but for the id that was asked for.
  const auto answer_to = [&client](const std::string& id) {
    const auto answer = client.get("/api/credits/balance/organization/" + id, {{"X-Request-Id", "same"}});
    expect_problem(answer, 404, "entity_unknown");
    auto text = answer.response.body;
    for (auto at = text.find(id); at != std::string::npos; at = text.find(id))
      text.replace(at, id.size(), "ID");
    return text;
  };
  EXPECT_EQ(answer_to(organization), answer_to("org-of-nobody"));
}

TEST(AccessTest, TransactionsShowTheCallersApplicationAndTheEntitysOwn) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto crm = world.client();
  auto hr = world.client_with(world.all(), "hr");
  ASSERT_EQ(200, crm.post("/api/credits/consume", world.spend(organization, 1)).status());
  ASSERT_EQ(200, hr.post("/api/credits/consume", world.spend(organization, 2)).status());

  const auto page = hr.get("/api/credits/transactions?entityType=organization&entityId=" + organization);

  EXPECT_EQ(2u, size_at(page.response.body, "/transactions")) << page.response.body;
  EXPECT_EQ("spend", text_at(page.response.body, "/transactions/0/type"));
  EXPECT_EQ(2, integer_at(page.response.body, "/transactions/0/credits"));
  EXPECT_EQ("purchase", text_at(page.response.body, "/transactions/1/type"));
}

TEST(AccessTest, TheOperatorSeesTheEntriesOfAllApplications) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  for (const auto* application : {"crm", "hr"}) {
    auto client = world.client_with(world.all(), application);
    ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 1)).status());
  }
  auto seller = world.service().operator_client();
  seller.set_header("X-Tenant", world.tenant());
  const auto of = "entityType=organization&entityId=" + organization;
  const auto entries = [&](const std::string& list) {
    const auto page = seller.get("/api/credits/transactions?" + of + list);
    EXPECT_EQ(200, page.status()) << page.response.body;
    return size_at(page.response.body, "/transactions");
  };

  EXPECT_EQ(3u, entries(""));
  EXPECT_EQ(3u, entries("&application=all"));
  EXPECT_EQ(2u, entries("&application=all&type=spend"));
  EXPECT_EQ(1u, entries("&application=all&type=purchase"));
  EXPECT_EQ(1u, entries("&application=hr"));
  EXPECT_EQ(2, integer_at(seller.get("/api/credits/usage?" + of).response.body, "/usage/0/used"));
  EXPECT_EQ(2u, size_at(seller.get("/api/credits/usage?groupBy=application&" + of).response.body, "/usage"));
  expect_problem(
      world.client().get("/api/credits/transactions?application=all&" + of), 403, "application_forbidden"
  );
}

TEST(AccessTest, ABoundKeysListsHaveItsPartOfTheTreeOnly) {
  auto& world = api_world::instance();
  const auto above = world.organization(1);
  const auto mine = world.organization(1, above);
  const auto below = world.organization(1, mine);
  const auto beside = world.organization(1, above);
  auto bound = world.client_with(world.key({"credits:read"}, "", "organization/" + mine), "crm");
  const auto whose = [&](const std::string& list) {
    const auto page = bound.get("/api/credits/" + list);
    EXPECT_EQ(200, page.status()) << page.response.body;
    std::vector<std::string> entities;
    for (const auto& each : items_at(page.response.body, "/" + list.substr(0, list.find('?'))))
      entities.push_back(text_at(each, "/entityId"));
    return entities;
  };

  for (const auto* list : {"purchases", "transactions?type=purchase"})
    EXPECT_THAT(whose(list), testing::UnorderedElementsAre(mine, below)) << list;
  EXPECT_EQ(403, bound.get("/api/credits/purchases?entityType=organization&entityId=" + beside).status());
}

TEST(AccessTest, PagesOfTransactionsMeet) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  for (int i = 0; i < 4; ++i)
    ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 1)).status());
  const auto route = "/api/credits/transactions?limit=3&entityType=organization&entityId=" + organization;

  const auto first = client.get(route);
  const auto second = client.get(route + "&cursor=" + text_at(first.response.body, "/nextCursor"));

  EXPECT_EQ(3u, size_at(first.response.body, "/transactions"));
  EXPECT_EQ(2u, size_at(second.response.body, "/transactions"));
  EXPECT_EQ(2, integer_at(second.response.body, "/transactions/0/seq"));
  EXPECT_EQ("", text_at(second.response.body, "/nextCursor"));
  expect_problem(client.get(route + "&cursor=zzz"), 400, "invalid_cursor");
  expect_problem(
      client.get("/api/credits/transactions?limit=0&entityType=organization&entityId=" + organization),
      422,
      "invalid_parameter"
  );
  expect_problem(client.get("/api/credits/packages?colour=red"), 422, "unknown_parameter");
}

TEST(AccessTest, APurchaseIsRepeatedByItsKey) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  auto client = world.client();
  const auto body =
      R"({"entityType":"organization","packageId":"thousand","paymentMethod":"test","entityId":")" +
      organization + "\"}";
  const header_list key{{"Idempotency-Key", "buy " + organization}};

  const auto first = client.post("/api/credits/purchase", body, key);
  const auto again = client.post("/api/credits/purchase", body, key);
  auto other = client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","packageId":"thousand","paymentMethod":"stripe","entityId":")" +
          organization + "\"}"
  );

  EXPECT_EQ(201, first.status());
  EXPECT_EQ(1000, integer_at(first.response.body, "/newBalance"));
  EXPECT_EQ(first.response.body, again.response.body);
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  expect_problem(other, 422, "payment_method_unavailable");
}

TEST(AccessTest, ReadinessMetricsAndTheApiDocumentAreServed) {
  auto client = api_world::instance().service().client();

  EXPECT_EQ(200, client.get("/healthz").status());
  EXPECT_EQ(200, client.get("/readyz").status());
  EXPECT_NE(std::string::npos, client.get("/metrics").response.body.find("tessera_journal_entries_total"));
  EXPECT_EQ("3.1.0", text_at(client.get("/openapi.json").response.body, "/openapi"));
}

} // namespace tessera::test
