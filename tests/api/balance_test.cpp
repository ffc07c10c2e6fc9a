// Balances and lots as callers see them: over the tree, in the past, and while the database is away.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

namespace tessera::test {

namespace {

const std::string balance_of = "/api/credits/balance/organization/";
const std::string lots_of = "/api/credits/lots/organization/";

std::int64_t figure(const http_exchange& answer, const std::string& pointer) {
  return integer_at(answer.response.body, pointer).value_or(-1);
}

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

/// Puts credits into the inbox that only some applications may use, and has them taken in by a purchase.
void give_scoped(
    api_world& world, const std::string& organization, int amount, const std::string& application
) {
  auto& service = world.service();
  service.cluster().query(
      service.database(),
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, lot_id, root_lot_id, "
      "lot_kind,"
      " priority, applications, principal_kind, principal_id, principal_application, request_id)"
      " SELECT gen_random_uuid(), account_id, tenant_id, 1, " +
          std::to_string(amount) + ", lot, lot, 1, 50, ARRAY['" + application +
          "'], 0, '', '', '' FROM entities, (SELECT gen_random_uuid() AS lot) AS made WHERE entity_id = '" +
          organization + "'"
  );
  world.buy(organization);
}

} // namespace

TEST(BalanceTest, CarriesTheFiguresOfItsSubtree) {
  auto& world = api_world::instance();
  const auto upper = world.organization(2);
  const auto lower = world.organization(1, upper);
  auto client = world.client();
  ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(upper, 1200)).status());
  ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(lower, 300)).status());

  const auto answer = client.get(balance_of + upper);
  ASSERT_EQ(200, answer.status()) << answer.response.body;
  EXPECT_EQ(2000, figure(answer, "/totalCredits"));
  EXPECT_EQ(1200, figure(answer, "/usedCredits"));
  EXPECT_EQ(800, figure(answer, "/availableCredits"));
  EXPECT_EQ(800, figure(answer, "/rollup/own"));
  EXPECT_EQ(700, figure(answer, "/rollup/descendants"));
  EXPECT_EQ(0, figure(answer, "/rollup/inTransit"));
  EXPECT_EQ(1200, figure(answer, "/rollup/breakdown/own/usedCredits"));
  EXPECT_EQ(1000, figure(answer, "/rollup/breakdown/descendants/totalCredits"));
  EXPECT_EQ(1, figure(answer, "/rollup/breakdown/descendants/entities"));
  EXPECT_EQ("3", answer.response.header("x-balance-seq"));

  const auto together = client.get(balance_of + upper + "?descendants=true");
  EXPECT_EQ(3000, figure(together, "/totalCredits")) << together.response.body;
  EXPECT_EQ(1500, figure(together, "/usedCredits"));
  EXPECT_EQ(1500, figure(together, "/availableCredits"));
  EXPECT_EQ(1u, size_at(together.response.body, "/lots")) << "the entity's own, of which one is spent";
  for (const auto* other : {"&rollup=false", "&at=2020-01-01T00:00:00Z"})
    expect_problem(client.get(balance_of + upper + "?descendants=true" + other), 422, "invalid_parameter");

  const auto plain = client.get(balance_of + upper + "?rollup=false");
  EXPECT_EQ(800, figure(plain, "/availableCredits"));
  EXPECT_NE(std::string::npos, plain.response.body.find(R"("rollup":null)")) << plain.response.body;
}

TEST(BalanceTest, ListsLotsOfOtherApplicationsAndDoesNotCountThem) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  give_scoped(world, organization, 50, "hr");

  for (const auto& [application, usable] : {std::pair{"crm", 1000}, std::pair{"hr", 1050}}) {
    auto client = world.client_with(world.all(), application);
    const auto balance = client.get(balance_of + organization);
    EXPECT_EQ(usable, figure(balance, "/availableCredits")) << balance.response.body;
    EXPECT_EQ(1050, figure(balance, "/totalCredits"));
    EXPECT_EQ(1050, figure(balance, "/rollup/own"));
    EXPECT_EQ(2u, size_at(balance.response.body, "/lots"));

    const auto lots = client.get(lots_of + organization);
    ASSERT_EQ(200, lots.status()) << lots.response.body;
    ASSERT_EQ(2u, size_at(lots.response.body, "/lots"));
    EXPECT_EQ("paid", text_at(lots.response.body, "/lots/0/kind")) << "ends sooner";
    EXPECT_EQ(1000, figure(lots, "/lots/0/free"));
    EXPECT_EQ("hr", text_at(lots.response.body, "/lots/1/applications/0"));
    EXPECT_EQ(organization, text_at(lots.response.body, "/entityId"));
    EXPECT_EQ(balance.response.header("x-balance-seq"), lots.response.header("x-balance-seq"));
  }
}

TEST(BalanceTest, KnowsThePast) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  const auto bought = client.get(balance_of + organization);
  const auto then = text_at(bought.response.body, "/asOf");
  const auto lot_begins = text_at(bought.response.body, "/lots/0/effectiveAt");
  ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 400)).status());

  const auto past = client.get(balance_of + organization + "?at=" + then);
  ASSERT_EQ(200, past.status()) << past.response.body;
  EXPECT_EQ(1000, figure(past, "/availableCredits"));
  EXPECT_EQ(0, figure(past, "/usedCredits"));
  EXPECT_EQ(1000, figure(past, "/lots/0/free"));
  EXPECT_EQ(then, text_at(past.response.body, "/asOf"));
  EXPECT_EQ("1", past.response.header("x-balance-seq"));
  EXPECT_NE(std::string::npos, past.response.body.find(R"("rollup":null)"));

  EXPECT_EQ(1000, figure(client.get(balance_of + organization + "?at=" + lot_begins), "/availableCredits"));
  for (const auto* long_ago : {"2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z"}) {
    const auto nothing = client.get(balance_of + organization + "?at=" + long_ago);
    ASSERT_EQ(200, nothing.status()) << nothing.response.body;
    EXPECT_EQ(0, figure(nothing, "/totalCredits"));
    EXPECT_EQ(0u, size_at(nothing.response.body, "/lots"));
    EXPECT_EQ(long_ago, text_at(nothing.response.body, "/asOf"));
  }
}

TEST(BalanceTest, RefusesInTheOrderOfTheContract) {
  auto& world = api_world::instance();
  const auto mine = world.organization(0);
  const auto theirs = world.organization(0);
  auto client = world.client();
  auto bound = world.client_with(world.key({"credits:read"}, "", "organization/" + mine), "crm");
  auto no_application = world.client_with(world.all(), "");

  for (const auto& route : {balance_of, lots_of}) {
    expect_problem(client.get(route + mine + "?colour=red"), 422, "unknown_parameter");
    expect_problem(client.get(route + mine + "?a=%zz"), 400, "malformed_query");
    expect_problem(client.get(route + "nobody"), 404, "entity_unknown");
    expect_problem(bound.get(route + theirs + "?colour=red"), 403, "entity_out_of_scope");
    expect_problem(bound.get(route + theirs), 403, "entity_out_of_scope");
    expect_problem(no_application.get(route + mine + "?colour=red"), 400, "application_required");
  }
  expect_problem(client.get("/api/credits/balance/planet/earth"), 422, "unknown_entity_type");
  expect_problem(client.get("/api/credits/lots/planet/earth"), 422, "unknown_entity_type");
  expect_problem(client.get(lots_of + mine + "?at=2020-01-01T00:00:00Z"), 422, "unknown_parameter");
  expect_problem(client.get(balance_of + mine + "?at=2999-01-01T00:00:00Z"), 422, "at_in_future");
  for (const auto* bad :
       {"", "yesterday", "2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00%2B02:00", "1"})
    expect_problem(client.get(balance_of + mine + "?at=" + bad), 422, "invalid_parameter");
  expect_problem(
      client.get(balance_of + mine + "?at=2020-01-01T00:00:00Z&at=2020-01-02T00:00:00Z"),
      422,
      "duplicate_parameter"
  );
  expect_problem(client.get(balance_of + mine + "?rollup=maybe"), 422, "invalid_parameter");
}

TEST(BalanceTest, ForeignEntitiesLookLikeNoneInThePastToo) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  const auto stranger = world.service().create_tenant();
  const auto key = world.service().create_api_key(stranger, {"credits:read", "directory:write"});
  world.service().create_application(key, "crm");
  auto client = world.client_with(key, "crm");
  const auto same = header_list{{"X-Request-Id", "same"}};

  for (const auto* tail : {"", "?at=2020-01-01T00:00:00Z"}) {
    auto foreign = client.get(balance_of + organization + tail, same).response.body;
    auto missing = client.get(balance_of + "org-0-of-nobody" + tail, same).response.body;
    for (auto at = foreign.find(organization); at != std::string::npos; at = foreign.find(organization))
      foreign.replace(at, organization.size(), "org-0-of-nobody");
    EXPECT_EQ(foreign, missing);
    EXPECT_EQ("entity_unknown", text_at(missing, "/code"));
  }
}

/// Contract 11.5. The lease of a node alone outlives the outage; `/readyz` says no when a short one would be
/// over.
TEST(BalanceOutageTest, ALiveBalanceIsReadWhileTheDatabaseIsAway) {
  postgres_cluster cluster;
  tessera_service service(
      {.environment =
           {{"TESSERA_CLUSTER_LEASE_TTL_MS", "1000"},
            {"TESSERA_CLUSTER_HEARTBEAT_MS", "100"},
            {"TESSERA_CLUSTER_ALONE_LEASE_TTL_MS", "120000"}},
       .cluster = &cluster}
  );
  service.create_tenant("t");
  service.create_package("t", "thousand", 1000, 1);
  const auto key =
      service.create_api_key("t", {"credits:read", "credits:consume", "credits:purchase", "directory:write"});
  service.create_application(key, "crm");
  service.create_organization(key, "o");
  auto client = service.client(key);
  client.set_header("X-Application", "crm");
  const auto bought = client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
  );
  ASSERT_EQ(201, bought.status()) << bought.response.body;
  ASSERT_EQ(200, client.get(balance_of + "o").status());
  // The second heartbeat of a node without company takes the long lease.
  ASSERT_TRUE(wait_until(milliseconds{10'000}, [&] {
    return cluster.query(
               service.database(), "SELECT min(lease_until) > clock_timestamp() + interval '60 s' FROM shard"
           ) == "t";
  }));

  cluster.stop_immediate();
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] { return client.get("/readyz").status() == 503; }));
  const auto balance = client.get(balance_of + "o");
  EXPECT_EQ(200, balance.status()) << balance.response.body;
  EXPECT_EQ(1000, figure(balance, "/availableCredits"));
  EXPECT_NE(std::string::npos, balance.response.body.find(R"("rollup":null)")) << balance.response.body;
  EXPECT_EQ(200, client.get(lots_of + "o").status());
  expect_problem(client.get(balance_of + "o?at=2020-01-01T00:00:00Z"), 503, "database_unavailable");
  const auto spent = client.post("/api/credits/consume", api_world::spend("o", 1));
  EXPECT_EQ(503, spent.status());

  cluster.start();
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return client.post("/api/credits/consume", api_world::spend("o", 1)).status() == 200;
  }));
}

TEST(BalanceOutageTest, ALeaseIsShortAgainWhenThereIsCompany) {
  tessera_service service(
      {.environment = {{"TESSERA_CLUSTER_LEASE_TTL_MS", "1000"}, {"TESSERA_CLUSTER_HEARTBEAT_MS", "100"}}}
  );
  const auto lease_is = [&](const std::string& condition) {
    return service.cluster().query(
               service.database(),
               "SELECT bool_and(lease_until - clock_timestamp() " + condition + ") FROM shard"
           ) == "t";
  };
  ASSERT_TRUE(wait_until(milliseconds{10'000}, [&] { return lease_is("> interval '10 s'"); }));
  service.cluster().query(
      service.database(),
      "INSERT INTO node (incarnation, node_name, heartbeat_at)"
      " VALUES (gen_random_uuid(), 'another', clock_timestamp() + interval '1 hour')"
  );
  ASSERT_TRUE(wait_until(milliseconds{10'000}, [&] { return lease_is("< interval '2 s'"); }));
  service.cluster().query(service.database(), "UPDATE node SET draining = true WHERE node_name = 'another'");
  EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] { return lease_is("> interval '10 s'"); }));
}

} // namespace tessera::test
