// Refusals of single operations that no other test provokes: so that each code of the document is seen
// (`openapi_answers`).
#include "tests/api/people_world.hpp"
#include "tests/support/bulk_ledger.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace tessera::test {

namespace {

class RefusalsTest : public testing::Test {
protected:
  static people_world& world() {
    static people_world one; // of its own: it is changed here
    return one;
  }
  static http_client key() { return world().client_of("key"); }
  static http_client admin() { return world().client_of("tenant_admin"); }
  static http_client the_operator() {
    auto client = world().service.operator_client();
    client.set_header("X-Tenant", world().tenant);
    return client;
  }

  static void expect_refusal(const http_exchange& answer, int status, const std::string& code) {
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  static void expect_done(const http_exchange& answer) {
    EXPECT_LT(answer.status(), 300) << answer.response.body;
    EXPECT_GE(answer.status(), 200) << answer.response.body;
  }

  static std::string of_organization(const std::string& id, const std::string& more) {
    return R"({"entityType":"organization","entityId":")" + id + "\"," + more + "}";
  }
  /// A new organization with a thousand credits.
  static std::string organization(const std::string& id) {
    world().service.create_organization(world().tokens.at("key"), id);
    expect_done(key().post(
        "/api/credits/purchase", of_organization(id, R"("packageId":"thousand","paymentMethod":"test")")
    ));
    return id;
  }
  static void policies(const std::string& json) {
    expect_done(the_operator().put("/api/tenants/acme", R"({"policies":)" + json + "}"));
  }
};

} // namespace

TEST_F(RefusalsTest, WhatHasCreditsOrHoldsIsNotDeleted) {
  const auto rich = organization("org-rich");
  expect_refusal(key().remove("/api/organizations/" + rich), 409, "entity_has_credits");
  expect_done(key().post("/api/credits/holds", of_organization(rich, R"("credits":1000)")));
  expect_refusal(key().remove("/api/organizations/" + rich), 409, "entity_has_holds");

  const auto above = organization("org-above");
  const auto shop = world().service.create_location(world().tokens.at("key"), "loc-rich", above);
  expect_done(key().post(
      "/api/credits/allocate",
      R"({"fromEntityType":"organization","fromEntityId":"org-above","allocations":[)"
      R"({"toEntityType":"location","toEntityId":"loc-rich","credits":10}]})"
  ));
  expect_done(
      key().post("/api/credits/holds", R"({"entityType":"location","entityId":"loc-rich","credits":10})")
  );
  expect_refusal(key().remove("/api/locations/" + shop), 409, "entity_has_holds");
}

TEST_F(RefusalsTest, AnIdStaysWhoseItWas) {
  world().service.create_organization(world().tokens.at("key"), "org-gone");
  expect_done(key().remove("/api/organizations/org-gone"));
  expect_refusal(key().post("/api/organizations", R"({"id":"org-gone","name":"Again"})"), 409, "id_taken");
  expect_refusal(
      key().put("/api/directory", R"({"organizations":[{"id":"org-gone","name":"Again"}]})"), 409, "id_taken"
  );
}

TEST_F(RefusalsTest, ATenantHasSoManyApplications) {
  std::string all;
  for (int i = 0; i < 998; ++i)
    all += (all.empty() ? "" : ",") + (R"({"id":"app-)" + std::to_string(i) + R"(","name":"One of many"})");
  expect_done(admin().put("/api/directory", "{\"applications\":[" + all + "]}"));
  expect_refusal(
      admin().post("/api/applications", R"({"id":"one-more","name":"One more"})"), 409, "directory_full"
  );
  expect_refusal(
      admin().put("/api/directory", R"({"applications":[{"id":"one-more","name":"One more"}]})"),
      409,
      "directory_full"
  );
}

TEST_F(RefusalsTest, WhatTheTenantsPoliciesForbid) {
  const auto user = "/api/users/user-of-org-own";
  policies(R"({"approveTenantAdmin":true})");
  expect_refusal(admin().put(user, R"({"role":"tenant_admin"})"), 409, "approval_required");
  expect_done(admin().put(user, R"({"status":"disabled"})"));
  policies(R"({"approveTenantAdmin":false,"seatLimit":1})");
  expect_refusal(admin().put(user, R"({"status":"active"})"), 409, "seat_limit_reached");
  policies(R"({"seatLimit":null})");
}

TEST_F(RefusalsTest, ManyAssignments) {
  std::string all;
  for (int i = 0; i < 101; ++i)
    all += (all.empty() ? "" : ",") +
           (R"({"entityType":"organization","role":"viewer","entityId":"org-)" + std::to_string(i) + "\"}");
  expect_refusal(
      admin().put("/api/users/user-of-org-sib", "{\"entityAssignments\":[" + all + "]}"),
      422,
      "too_many_assignments"
  );
}

TEST_F(RefusalsTest, AFrozenHoldGivesNoMoreThanItHas) {
  const auto holder = organization("org-frozen");
  const auto held = key().post("/api/credits/holds", of_organization(holder, R"("credits":5)"));
  const auto capture = "/api/credits/holds/" + text_at(held.response.body, "/holdId") + "/capture";
  expect_done(the_operator().post("/api/credits/freeze", of_organization(holder, R"("reason":"audit")")));
  expect_refusal(key().post(capture, R"({"credits":6,"overage":"spend"})"), 403, "entity_frozen");
  expect_done(key().post(capture, R"({"credits":5,"overage":"spend"})"));
}

TEST_F(RefusalsTest, ARefundOfNothing) {
  const auto purchase = world().values("key", "own")["$PURCHASE"];
  expect_refusal(
      the_operator().post(
          "/api/credits/purchases/" + purchase + "/refund", R"({"credits":0,"reason":"none"})"
      ),
      422,
      "amount_out_of_range"
  );
}

TEST_F(RefusalsTest, WebhooksThatAreNone) {
  const auto endpoint = [](const std::string& url, const std::string& event) {
    return R"({"url":")" + url + R"(","events":[")" + event + "\"]}";
  };
  const std::string route = "/api/webhook-endpoints";
  const std::string good = "https://example.com/hooks";
  expect_refusal(admin().post(route, endpoint(good, "odd.event")), 422, "unknown_event");
  expect_refusal(admin().put(route + "/whe-own", R"({"events":["odd.event"]})"), 422, "unknown_event");
  expect_refusal(
      admin().put(route + "/whe-own", R"({"url":"https://10.0.0.1/"})"), 422, "webhook_target_refused"
  );
  world().sql(
      "INSERT INTO webhook_endpoints (tenant_id, endpoint_id, url, events) SELECT tenant_id, 'whe-many-'"
      " || n, 'https://example.com/hooks', '{invitation.expired}' FROM tenants, generate_series(1, 50) n"
      " WHERE id = 'acme'"
  );
  expect_refusal(admin().post(route, endpoint(good, "invitation.expired")), 409, "too_many_endpoints");
  world().sql("DELETE FROM webhook_endpoints WHERE endpoint_id LIKE 'whe-many-%'");
}

TEST_F(RefusalsTest, WhatIsOnItsWayIsNotSentAgain) {
  const std::string id = "0198f1c2-7a3e-7b0c-9d4e-5f6071829310";
  world().sql(
      "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
      "next_attempt_at) SELECT '" +
      id +
      "', tenant_id, gen_random_uuid(), 'invitation.expired', 'webhook', 'whe-own', clock_timestamp() + "
      "interval '1 hour' FROM tenants WHERE id = 'acme'"
  );
  expect_refusal(admin().post("/api/notifications/" + id + "/retry", ""), 409, "notification_not_over");
  expect_refusal(
      admin().post("/api/webhook-endpoints/whe-own/deliveries/" + id + "/replay", ""),
      409,
      "notification_not_over"
  );
}

TEST_F(RefusalsTest, HoldsThatAreNone) {
  const auto holder = organization("org-holder");
  expect_refusal(
      key().post("/api/credits/holds", of_organization(holder, R"("credits":1,"ttlSeconds":0)")),
      422,
      "validation_failed"
  );
  const auto held = key().post("/api/credits/holds", of_organization(holder, R"("credits":1)"));
  expect_done(held);
  const auto capture = "/api/credits/holds/" + text_at(held.response.body, "/holdId") + "/capture";
  expect_refusal(key().post(capture, R"({"credits":1,"overage":"odd"})"), 422, "validation_failed");
  expect_refusal(key().get("/api/credits/holds?entityType=organization"), 422, "required");
}

/// 5,000 may be open.
TEST_F(RefusalsTest, AnEntityHasSoManyHolds) {
  const auto holder = organization("org-of-holds");
  for (int i = 0; i < 5; ++i)
    expect_done(key().post(
        "/api/credits/purchase", of_organization(holder, R"("packageId":"thousand","paymentMethod":"test")")
    ));
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i)
      callers.emplace_back([&] {
        auto caller = key();
        for (int n = 0; n < 625; ++n)
          expect_done(caller.post("/api/credits/holds", of_organization(holder, R"("credits":1)")));
      });
  }
  expect_refusal(
      key().post("/api/credits/holds", of_organization(holder, R"("credits":1)")), 409, "too_many_holds"
  );
}

TEST_F(RefusalsTest, ALotTwice) {
  const std::string lot = R"("0198f1c2-7a3e-7b0c-9d4e-5f60718293a5")";
  expect_refusal(
      key().post(
          "/api/credits/allocate",
          R"({"fromEntityType":"organization","fromEntityId":"org-own","lotIds":[)" + lot + "," + lot +
              R"(],"allocations":[{"toEntityType":"location","toEntityId":"loc-own","credits":1}]})"
      ),
      422,
      "duplicate_lot"
  );
}

TEST_F(RefusalsTest, MoreThanAnAccountCanCount) {
  world().service.create_package(world().tenant, "everything", 9'007'199'254'740'991, 1);
  world().service.create_organization(world().tokens.at("key"), "org-full");
  const auto buy = of_organization("org-full", R"("packageId":"everything","paymentMethod":"test")");
  expect_done(key().post("/api/credits/purchase", buy));
  expect_refusal(key().post("/api/credits/purchase", buy), 422, "amount_out_of_range");
}

TEST_F(RefusalsTest, TooManyBuckets) {
  const auto busy = organization("org-busy");
  const auto account = world().service.cluster().query(
      world().service.database(), "SELECT account_id FROM entities WHERE entity_id = 'org-busy'"
  );
  const auto tenant = world().service.cluster().query(
      world().service.database(), "SELECT tenant_id FROM tenants WHERE id = 'acme'"
  );
  world().sql(bulk_insert({account, tenant, 10, 21'000, "2026-03-01 00:00:00+00", "20 seconds"}));
  const auto asked = "/api/credits/usage?groupBy=entity,meter&window=minute&by=bookedAt"
                     "&from=2026-03-01T00:00:00Z&to=2026-03-07T00:00:00Z";
  expect_refusal(key().get(asked), 422, "too_many_buckets");
}

TEST_F(RefusalsTest, FieldsOfARefresh) {
  auto client = world().service.client();
  for (const auto* route : {"/api/auth/refresh", "/api/auth/logout"})
    expect_refusal(
        client.post(route, R"({"refreshToken":"of-nobody","nobodyKnows":1})"), 422, "unknown_field"
    );
}

TEST_F(RefusalsTest, NoSessionEndsWithoutTheDatabase) {
  postgres_cluster own;
  tessera_service service({.cluster = &own});
  own.stop();
  const auto ends = [&] {
    return service.client().post("/api/auth/logout", R"({"refreshToken":"of-nobody"})");
  };
  EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] {
    return text_at(ends().response.body, "/code") == "database_unavailable";
  })) << "the first may meet a connection that breaks";
}

} // namespace tessera::test
