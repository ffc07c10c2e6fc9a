// /api/credits/alerts, and the mails that come of it, against the real binary.
#include "messages/types/time.hpp"
#include "tests/api/mailbox.hpp"
#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

namespace tessera::test {

namespace {

using testing::HasSubstr;

constexpr milliseconds patience{20'000};
constexpr const char* path = "/api/credits/alerts/organization/org-1";

/// acme: org-1 ⊃ loc-1 with an administrator of org-1, one who manages loc-1, and somebody who may look.
class AlertsTest : public testing::Test {
protected:
  AlertsTest() : service({.environment = {{"TESSERA_WEBHOOKS_ALLOW_PRIVATE", "127.0.0.0/8"}}}) {
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    key = service.create_api_key(
        "acme", {"credits:read", "credits:consume", "credits:purchase", "directory:write"}
    );
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
    service.create_location(key, "loc-1", "org-1");
    service.create_user(
        "acme", "org@acme.test", password, "organization_admin", {"organization/org-1:viewer"}, {"crm"}
    );
    service.create_user(
        "acme", "loc@acme.test", password, "location_manager", {"location/loc-1:viewer"}, {"crm"}
    );
    service.create_user("acme", "eve@acme.test", password, "user", {"organization/org-1:viewer"}, {"crm"});
  }

  http_client as(const std::string& bearer) const {
    auto client = service.client(bearer);
    client.set_header("X-Application", "crm");
    return client;
  }
  http_client admin() const { return as(token("org@acme.test")); }
  /// Signing in takes its time: once each.
  std::string token(const std::string& email) const {
    auto& known = tokens[email];
    if (known.empty()) known = text_at(service.sign_in(email, password), "/accessToken");
    return known;
  }
  void choose(const std::string& body) {
    const auto chosen = admin().put(path, body);
    ASSERT_EQ(200, chosen.status()) << chosen.response.body;
  }
  void buy() {
    const auto bought = as(key).post(
        "/api/credits/purchase",
        R"({"packageId":"thousand","paymentMethod":"test","entityType":"organization","entityId":"org-1"})"
    );
    ASSERT_EQ(201, bought.status()) << bought.response.body;
  }
  void spend(int amount) {
    const auto spent = as(key).post(
        "/api/credits/consume",
        R"({"entityType":"organization","entityId":"org-1","credits":)" + std::to_string(amount) + "}"
    );
    ASSERT_EQ(200, spent.status()) << spent.response.body;
  }
  /// Credits that end so much later.
  void grant(int amount, std::chrono::seconds later) {
    const auto at =
        to_rfc3339(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now() + later));
    auto seller = as(service.operator_key());
    seller.set_header("X-Tenant", "acme");
    const auto given = seller.post(
        "/api/credits/grants",
        R"({"entityType":"organization","entityId":"org-1","kind":"promo","reason":"hello","credits":)" +
            std::to_string(amount) + R"(,"expiresAt":")" + at + "\"}"
    );
    ASSERT_EQ(201, given.status()) << given.response.body;
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }
  std::string events(const std::string& kind) {
    return sql("SELECT count(*) FROM outbox WHERE kind = '" + kind + "'");
  }
  bool all_done() {
    return wait_until(patience, [this] {
      return sql("SELECT (SELECT count(*) FROM outbox WHERE expanded_at IS NULL)"
                 " + (SELECT count(*) FROM notifications WHERE channel = 'email' AND status IN ('queued', "
                 "'claimed'))") == "0";
    });
  }
  std::string mails_of(const std::string& kind) {
    return sql("SELECT count(*) FROM notifications WHERE status = 'sent' AND kind = '" + kind + "'");
  }

  const std::string password = "correct horse battery";
  tessera_service service;
  std::string key;
  mutable std::map<std::string, std::string> tokens;
};

} // namespace

TEST_F(AlertsTest, AreChosenAndRead) {
  auto client = admin();
  const auto before = client.get(path);
  ASSERT_EQ(200, before.status()) << before.response.body;
  EXPECT_EQ(
      R"({"success":true,"entityType":"organization","entityId":"org-1","thresholds":[],"expiryDays":[30,7,1]})",
      before.response.body
  );
  const std::string wanted = R"({"thresholds":[{"percent":20},{"credits":100}],"expiryDays":[2,14]})";
  client.set_header("Idempotency-Key", "one");
  const auto chosen = client.put(path, wanted);
  ASSERT_EQ(200, chosen.status()) << chosen.response.body;
  EXPECT_THAT(
      chosen.response.body, HasSubstr(R"("thresholds":[{"percent":20},{"credits":100}],"expiryDays":[14,2]})")
  );
  const auto again = client.put(path, wanted);
  EXPECT_EQ(chosen.response.body, again.response.body);
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  const auto read = client.get(path);
  EXPECT_EQ(chosen.response.body, read.response.body);
  EXPECT_EQ(chosen.response.header("etag"), read.response.header("etag"));
}

TEST_F(AlertsTest, AStaleVersionChangesNothing) {
  auto client = admin();
  const auto tag = client.get(path).response.header("etag");
  choose(R"({"thresholds":[{"credits":5}]})");
  client.set_header("If-Match", tag);
  const auto stale = client.put(path, R"({"thresholds":[]})");
  EXPECT_EQ(412, stale.status()) << stale.response.body;
  EXPECT_THAT(client.get(path).response.body, HasSubstr(R"([{"credits":5}])"));
}

TEST_F(AlertsTest, WhatMakesNoSenseIsRefused) {
  struct {
    const char* body;
    int status;
    const char* code;
    const char* pointer;
  } const cases[] = {
      {R"({"thresholds":[{}]})", 422, "validation_failed", "/thresholds/0"},
      {R"({"thresholds":[{"credits":1,"percent":1}]})", 422, "validation_failed", "/thresholds/0"},
      {R"({"thresholds":[{"credits":0}]})", 422, "amount_out_of_range", "/thresholds/0/credits"},
      {R"({"thresholds":[{"percent":100}]})", 422, "validation_failed", "/thresholds/0/percent"},
      {R"({"thresholds":[{"credits":7},{"credits":7}]})", 422, "validation_failed", "/thresholds/1"},
      {R"({"thresholds":[1]})", 400, "invalid_type", "/thresholds/0"},
      {R"({"expiryDays":[0]})", 422, "validation_failed", "/expiryDays/0"},
      {R"({"expiryDays":[366]})", 422, "validation_failed", "/expiryDays/0"},
      {R"({"expiryDays":[7,7]})", 422, "validation_failed", "/expiryDays/1"},
      {R"({"threshold":[]})", 422, "unknown_field", "/threshold"},
      {R"({"thresholds":[{"credits":1},{"credits":2},{"credits":3},{"credits":4},{"credits":5},{"credits":6},)"
       R"({"credits":7},{"credits":8},{"credits":9},{"credits":10},{"credits":11}]})",
       422,
       "too_many_items",
       "/thresholds"},
  };
  auto client = admin();
  for (const auto& [body, status, code, pointer] : cases) {
    const auto refused = client.put(path, body);
    EXPECT_EQ(status, refused.status()) << body << refused.response.body;
    EXPECT_EQ(code, text_at(refused.response.body, "/code")) << body << refused.response.body;
    EXPECT_EQ(pointer, text_at(refused.response.body, "/errors/0/pointer")) << body << refused.response.body;
  }
  EXPECT_EQ("0", sql("SELECT count(*) FROM credit_alerts"));
}

TEST_F(AlertsTest, AdministratorsChooseAndOthersLook) {
  const std::string body = R"({"thresholds":[]})";
  for (const auto& [who, place, status] : {
           std::tuple{"loc@acme.test", "location/loc-1", 200},
           std::tuple{"loc@acme.test", "organization/org-1", 403},
           std::tuple{"eve@acme.test", "organization/org-1", 403},
           std::tuple{"org@acme.test", "location/loc-1", 200},
       })
    EXPECT_EQ(status, as(token(who)).put(std::string("/api/credits/alerts/") + place, body).status())
        << who << place;
  EXPECT_EQ(403, as(key).put(path, body).status()) << "no key has an admin role";
  EXPECT_EQ(200, as(token("eve@acme.test")).get(path).status());
  EXPECT_EQ(404, admin().put("/api/credits/alerts/organization/org-9", body).status());
}

TEST_F(AlertsTest, EachFallIsMailedOnceToTheEntitysAdmins) {
  buy();
  choose(R"({"thresholds":[{"credits":400}]})");
  spend(599);
  EXPECT_EQ("0", events("credits.low"));
  spend(1);
  spend(100);
  ASSERT_TRUE(all_done());
  const auto mail =
      unquoted(mailbox(service.spool()).only_to("org@acme.test", "Subject: Credits are running low"));
  EXPECT_THAT(mail, HasSubstr("test has 400 credits left, which is 400 or less."));
  EXPECT_EQ("1", events("credits.low"));
  buy();
  spend(900);
  ASSERT_TRUE(all_done());
  EXPECT_EQ("2", events("credits.low"));
  EXPECT_EQ("2", mails_of("credits.low"));
}

TEST_F(AlertsTest, ThatNothingIsLeftIsMailedWhateverWasChosen) {
  buy();
  spend(1000);
  ASSERT_TRUE(all_done());
  const auto mail =
      unquoted(mailbox(service.spool()).only_to("org@acme.test", "Subject: No credits are left"));
  EXPECT_THAT(mail, HasSubstr("test has 0 credits left."));
  EXPECT_EQ("1", mails_of("credits.depleted"));
}

/// What was acknowledged is told, and told once, wherever the service is killed.
TEST_F(AlertsTest, AKillTellsNothingTwiceAndForgetsNothing) {
  choose(R"({"thresholds":[{"credits":500}]})");
  for (int kills = 0; kills < 6; ++kills) {
    buy();
    spend(700);
    if (kills % 2 == 1) {
      EXPECT_TRUE(all_done());
    }
    service.crash_and_restart();
    spend(300);
  }
  ASSERT_TRUE(all_done());
  EXPECT_EQ("6", events("credits.low"));
  EXPECT_EQ("6", mails_of("credits.low"));
  EXPECT_EQ("6", mails_of("credits.depleted"));
}

TEST_F(AlertsTest, CreditsThatEndSoonAreToldOfOnce) {
  grant(50, std::chrono::hours(12));
  grant(60, std::chrono::hours(24 * 60));
  ASSERT_TRUE(wait_until(patience, [this] { return events("credits.expiring") == "1"; }));
  service.crash_and_restart();
  ASSERT_TRUE(all_done());
  const auto mail =
      unquoted(mailbox(service.spool()).only_to("org@acme.test", "credits are about to expire"));
  EXPECT_THAT(mail, HasSubstr("50 credits of test expire soon."));
  choose(R"({"expiryDays":[90]})");
  ASSERT_TRUE(wait_until(patience, [this] { return events("credits.expiring") == "2"; }));
  EXPECT_EQ(
      "90",
      sql("SELECT payload->>'daysLeft' FROM outbox WHERE kind = 'credits.expiring'"
          " ORDER BY created_at DESC LIMIT 1")
  );
}

TEST_F(AlertsTest, WhoseCreditsAreSpentByThenHearsNothing) {
  choose(R"({"expiryDays":[]})");
  grant(50, std::chrono::hours(12));
  spend(50);
  sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload) SELECT gen_random_uuid(), "
      "tenant_id,"
      " account_id, 'credits.expiring', jsonb_build_object('lotId', lot_id, 'credits', 50) FROM credit_lots");
  ASSERT_TRUE(all_done());
  EXPECT_EQ("skipped", sql("SELECT status FROM notifications WHERE kind = 'credits.expiring'"));
}

/// The mail server was away, and meanwhile they lost the entity: what is left there is no news for them.
TEST_F(AlertsTest, WhoAdministersItNoMoreHearsNothing) {
  buy();
  ASSERT_TRUE(all_done());
  sql("CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
      " DELETE FROM memberships WHERE user_id IN (SELECT user_id FROM users WHERE email = 'org@acme.test');"
      " RETURN NEW; END $$");
  sql("CREATE TRIGGER lose BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION lose()");
  choose(R"({"thresholds":[{"credits":400}]})");
  spend(600);
  ASSERT_TRUE(wait_until(patience, [this] { return events("credits.low") == "1"; }));
  ASSERT_TRUE(all_done());
  EXPECT_EQ("skipped", sql("SELECT status FROM notifications WHERE kind = 'credits.low'"));
  EXPECT_EQ("0", mails_of("credits.low"));
}

/// Of a purchase whoever bought it hears in any case.
TEST_F(AlertsTest, WhoBoughtHearsOfItAndWhoAdministersItNoMoreDoesNot) {
  service.create_user(
      "acme", "two@acme.test", password, "organization_admin", {"organization/org-1:viewer"}, {"crm"}
  );
  const auto bought = admin().post(
      "/api/credits/purchase",
      R"({"packageId":"thousand","paymentMethod":"test","entityType":"organization","entityId":"org-1"})"
  );
  ASSERT_EQ(201, bought.status()) << bought.response.body;
  ASSERT_TRUE(all_done());
  const auto told = [this] {
    return sql("SELECT string_agg(recipient || ' ' || status, ', ' ORDER BY recipient, created_at)"
               " FROM notifications WHERE kind = 'credits.purchased' AND channel = 'email'");
  };
  ASSERT_EQ("org@acme.test sent, two@acme.test sent", told());
  sql("CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
      " DELETE FROM memberships WHERE user_id IN (SELECT user_id FROM users WHERE email LIKE '%@acme.test');"
      " RETURN NEW; END $$");
  sql("CREATE TRIGGER lose BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION lose()");
  sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)"
      " SELECT gen_random_uuid(), tenant_id, account_id, kind, payload FROM outbox WHERE kind = "
      "'credits.purchased'");
  ASSERT_TRUE(all_done());
  EXPECT_EQ("org@acme.test sent, org@acme.test sent, two@acme.test sent, two@acme.test skipped", told());
}

TEST_F(AlertsTest, WhatIsToldLateSaysWhatIsThereByThen) {
  choose(R"({"expiryDays":[]})");
  grant(50, std::chrono::hours(12));
  spend(20);
  const auto happen = [this](const std::string& kind, const std::string& facts) {
    sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload) SELECT gen_random_uuid(), "
        "tenant_id, account_id, '" +
        kind + "', jsonb_build_object('lotId', lot_id) || '" + facts + "' FROM credit_lots");
    ASSERT_TRUE(all_done());
  };
  const auto mailed = [this](const std::string& text) {
    return unquoted(mailbox(service.spool()).only_to("org@acme.test", text));
  };
  happen("credits.expiring", R"({"credits":50})");
  EXPECT_THAT(mailed("about to expire"), HasSubstr("30 credits of test expire soon."));
  sql("CREATE FUNCTION age() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " NEW.created_at := NEW.created_at - interval '1 hour'; RETURN NEW; END $$");
  sql("CREATE TRIGGER age BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION age()");
  happen("credits.low", R"({"threshold":"100","availableCredits":90})");
  EXPECT_THAT(mailed("running low"), HasSubstr("test has 30 credits left, which is 100 or less."));
  happen("credits.low", R"({"threshold":"20","availableCredits":15})");
  happen("credits.depleted", R"({"availableCredits":0})");
  EXPECT_EQ(
      "credits.depleted,credits.low",
      sql("SELECT string_agg(kind, ',' ORDER BY kind) FROM notifications WHERE status = 'skipped'")
  ) << "there is more by then";
}

TEST_F(AlertsTest, WebhooksHearOfThem) {
  service.create_user("acme", "boss@acme.test", password, "tenant_admin");
  const auto made = service.client(token("boss@acme.test"))
                        .post(
                            "/api/webhook-endpoints",
                            R"({"url":"http://127.0.0.1:1/","events":["credits.low","credits.depleted",)"
                            R"("credits.expiring"]})"
                        );
  ASSERT_EQ(201, made.status()) << made.response.body;
  choose(R"({"thresholds":[{"credits":10}]})");
  grant(50, std::chrono::hours(12));
  ASSERT_TRUE(wait_until(patience, [this] { return events("credits.expiring") == "1"; }));
  spend(50);
  ASSERT_TRUE(all_done());
  EXPECT_EQ(
      "credits.depleted,credits.expiring,credits.low",
      sql("SELECT string_agg(kind, ',' ORDER BY kind) FROM notifications WHERE channel = 'webhook'")
  );
  EXPECT_THAT(
      sql("SELECT variables->>'body' FROM notifications WHERE channel = 'webhook' AND kind = 'credits.low'"),
      testing::AllOf(HasSubstr(R"("threshold": "10")"), HasSubstr(R"("entityId": "org-1")"))
  );
}

} // namespace tessera::test
