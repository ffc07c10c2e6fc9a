// What happens to an account that nobody calls, and to the service around it.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <chrono>

namespace tessera::test {

namespace {

/// Credits that end in `seconds`, as a row in the inbox: what arrives from outside.
void credits_that_end_soon(api_world& world, const std::string& organization, int seconds) {
  auto& service = world.service();
  service.cluster().query(
      service.database(),
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, lot_id, root_lot_id, "
      "lot_kind, priority,"
      " expires_at, principal_kind, principal_id, principal_application, request_id)"
      " SELECT gen_random_uuid(), account_id, tenant_id, 1, 500, lot, lot, 4, 50,"
      "  clock_timestamp() + interval '" +
          std::to_string(seconds) +
          " s', 0, '', '', ''"
          " FROM entities, (SELECT gen_random_uuid() AS lot) AS made WHERE entity_id = '" +
          organization + "'"
  );
}

std::string ledger(api_world& world, const std::string& organization, const std::string& columns, int type) {
  auto& service = world.service();
  return service.cluster().query(
      service.database(),
      "SELECT " + columns + " FROM credit_entries JOIN entities USING (account_id) WHERE entity_id = '" +
          organization + "' AND entry_type = " + std::to_string(type)
  );
}

} // namespace

TEST(LifetimeTest, AnAccountThatNobodyTouchesExpiresWithItsEntryWithinFiveSeconds) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  credits_that_end_soon(world, organization, 4);

  // The sweep takes the row in although nobody nudges the account, and books the end although nobody calls.
  ASSERT_TRUE(wait_until(milliseconds{15'000}, [&] {
    return !ledger(world, organization, "units", 1).empty();
  }));
  ASSERT_TRUE(wait_until(milliseconds{15'000}, [&] {
    return !ledger(world, organization, "units", 14).empty();
  }));

  EXPECT_EQ("500", ledger(world, organization, "units", 14));
  EXPECT_EQ(
      "t",
      ledger(
          world,
          organization,
          "booked_at - (SELECT expires_at FROM credit_lots l WHERE l.account_id = entities.account_id) < "
          "interval '5 s'",
          14
      )
  );
  auto client = world.client();
  const auto balance = client.get("/api/credits/balance/organization/" + organization);
  EXPECT_EQ(0, integer_at(balance.response.body, "/totalCredits"));
}

TEST(LifetimeTest, ARowInTheInboxIsTakenInThoughItsNudgeWasLost) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  credits_that_end_soon(world, organization, 3'600);

  auto client = world.client();
  ASSERT_TRUE(wait_until(milliseconds{15'000}, [&] {
    const auto balance = client.get("/api/credits/balance/organization/" + organization);
    return integer_at(balance.response.body, "/availableCredits") == 500;
  }));
}

TEST(LifetimeTest, AccountsRestAndWakeWithTheSameBalance) {
  tessera_service service({.environment = {{"TESSERA_ACCOUNTS_IDLE_PASSIVATION_SECONDS", "1"}}});
  service.create_tenant("t");
  service.create_package("t", "thousand", 1000, 1);
  const auto key =
      service.create_api_key("t", {"credits:read", "credits:consume", "credits:purchase", "directory:write"});
  service.create_application(key, "crm");
  service.create_organization(key, "o");
  auto client = service.client(key);
  client.set_header("X-Application", "crm");
  client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
  );
  ASSERT_EQ(200, client.post("/api/credits/consume", api_world::spend("o", 1)).status());

  const auto resting = [&] {
    const auto metrics = client.get("/metrics").response.body;
    return metrics.find("tessera_accounts_live 0") != std::string::npos;
  };
  ASSERT_TRUE(wait_until(milliseconds{15'000}, resting));

  const auto spent = client.post("/api/credits/consume", api_world::spend("o", 1));
  EXPECT_EQ(998, integer_at(spent.response.body, "/availableCredits")) << spent.response.body;
}

TEST(LifetimeTest, AServiceRefusesASchemaThatItDoesNotKnow) {
  tessera_service service({.start = false});
  service.cluster().query(
      service.database(), "INSERT INTO schema_migrations (name, sha256) VALUES ('9999_from_the_future', '')"
  );

  service.launch();

  EXPECT_EQ((exit_status{1, 0}), service.process().wait(milliseconds{20'000}));
  EXPECT_NE(std::string::npos, service.log().find("9999_from_the_future")) << service.log();
}

/// It would take the shards of a service that answers, and then could not answer itself.
TEST(LifetimeTest, AServiceWhosePortIsTakenTakesNothing) {
  tessera_service service;
  const auto epochs = [&] {
    return service.cluster().query(service.database(), "SELECT string_agg(epoch::text, ' ') FROM shard");
  };
  const auto before = epochs();
  const auto port = std::to_string(service.port());
  const service_options same_port{
      .environment = {{"TESSERA_HTTP_PORT", port}}, .database = service.database(), .start = false};
  tessera_service second(same_port);

  second.launch();

  EXPECT_EQ((exit_status{1, 0}), second.process().wait(milliseconds{20'000}));
  EXPECT_NE(std::string::npos, second.log().find("cannot bind 127.0.0.1:" + port)) << second.log();
  EXPECT_EQ(before, epochs());
  EXPECT_EQ(200, service.client().get("/readyz").status());
}

/// No client can use 0.0.0.0. And the listener of /metrics, which is another one then, stops as well.
TEST(LifetimeTest, LinksAreRelativeWhereTheListenerHasEveryAddress) {
  tessera_service service(
      {.environment = {{"TESSERA_HTTP_ADDRESS", "0.0.0.0"}, {"TESSERA_HTTP_ADMIN_PORT", "0"}}}
  );
  service.create_tenant("t");
  service.create_package("t", "thousand", 1000, 1);
  const auto key = service.create_api_key("t", {"credits:purchase", "directory:write"});
  service.create_application(key, "crm");
  service.create_organization(key, "o");
  auto client = service.client(key);
  client.set_header("X-Application", "crm");

  const auto bought = client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
  );

  const auto purchase = text_at(bought.response.body, "/purchaseId");
  EXPECT_EQ("/api/credits/purchases/" + purchase + "/invoice", text_at(bought.response.body, "/invoiceUrl"))
      << bought.response.body;
  EXPECT_EQ((exit_status{0, 0}), service.stop());
}

TEST(LifetimeTest, WhatOperatorsReadIsNotOnThePublicListener) { // R-R 5 row 77
  tessera_service service(
      {.environment = {{"TESSERA_HTTP_ADDRESS", "0.0.0.0"}, {"TESSERA_HTTP_ADMIN_PORT", "0"}}}
  );
  for (const auto* path : {"/metrics", "/admin", "/debug", "/debug/pprof"})
    EXPECT_EQ("not_found", text_at(service.client().get(path).response.body, "/code")) << path;
}

/// Another node has the shards for a minute.
TEST(LifetimeTest, AServiceThatWaitsForItsShardsEndsWhenItIsTold) {
  tessera_service service({.start = false});
  const auto run = [&](const std::string& sql) { service.cluster().query(service.database(), sql); };
  run("INSERT INTO node (incarnation, node_name) VALUES (gen_random_uuid(), 'another')");
  run("UPDATE shard SET owner = (SELECT incarnation FROM node), lease_until = now() + interval '1 min'");
  service.launch();
  auto client = service.client();
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] { return client.connect(); }));

  EXPECT_EQ((exit_status{0, 0}), service.stop(milliseconds{5'000}));
  EXPECT_NE(std::string::npos, service.log().find("before this node had the shards")) << service.log();
}

} // namespace tessera::test
