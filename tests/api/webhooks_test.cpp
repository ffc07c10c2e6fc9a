// Events by HTTP, verified by npm's standardwebhooks (tests/node/webhooks).
#include "tests/api/node_process.hpp"
#include "tests/support/exchange_log.hpp"
#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tessera::test {

namespace {

constexpr milliseconds patience{30'000};

/// acme with org-1, whose tenant_admin has a session; webhooks may go to this machine.
class WebhooksTest : public testing::Test {
protected:
  explicit WebhooksTest(const std::string& allowed = "127.0.0.0/8")
      : service({.environment = {{"TESSERA_WEBHOOKS_ALLOW_PRIVATE", allowed}}}) {
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    key = service.create_api_key("acme", {"credits:read", "credits:purchase", "directory:write"}, {});
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
    service.create_user("acme", "boss@acme.test", "correct horse battery", "tenant_admin");
    admin = text_at(service.sign_in("boss@acme.test", "correct horse battery"), "/accessToken");
  }

  http_exchange add(const std::string& url, const std::string& events = R"(["credits.purchased"])") {
    return service.client(admin).post(
        "/api/webhook-endpoints", R"({"url":")" + url + R"(","events":)" + events + "}"
    );
  }
  /// Its id; whose secret the receiver gets to know.
  std::string add_here(const std::string& path) {
    const auto made = add("http://" + receiver.address() + path);
    EXPECT_EQ(201, made.status()) << made.response.body;
    secrets.push_back(text_at(made.response.body, "/secret"));
    tell_secrets();
    return text_at(made.response.body, "/endpointId");
  }
  void tell_secrets() {
    std::string list;
    for (const auto& secret : secrets)
      list += (list.empty() ? "\"" : ",\"") + secret + "\"";
    const auto port = static_cast<std::uint16_t>(receiver.port());
    const left_out_of_log unlogged(port);
    http_client there("127.0.0.1", port);
    ASSERT_EQ(204, there.post("/secrets", "[" + list + "]").status());
  }
  void buy(int times = 1) {
    auto client = service.client(key);
    client.set_header("X-Application", "crm");
    for (int i = 0; i < times; ++i)
      ASSERT_EQ(
          201,
          client
              .post(
                  "/api/credits/purchase",
                  R"({"entityType":"organization","entityId":"org-1","packageId":"thousand","paymentMethod":"test"})"
              )
              .status()
      );
  }
  std::vector<std::string> wait_for(const std::string& path, std::size_t count) {
    const auto here = "\"path\":\"" + path + "\"";
    wait_until(patience, [&] { return receiver.lines_with(here).size() >= count; });
    return receiver.lines_with(here);
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }
  std::string deliveries_of(const std::string& endpoint) {
    return service.client(admin).get("/api/webhook-endpoints/" + endpoint + "/deliveries").response.body;
  }

  node_process receiver{"webhooks/receiver.mjs"};
  tessera_service service;
  std::string key;
  std::string admin;
  std::vector<std::string> secrets;
};

} // namespace

TEST_F(WebhooksTest, AnEventArrivesSigned) {
  const auto endpoint = add_here("/good");
  buy();
  const auto heard = wait_for("/good", 1);
  ASSERT_EQ(1u, heard.size());
  EXPECT_EQ(true, boolean_at(heard.front(), "/verified/0"));
  EXPECT_EQ("credits.purchased", text_at(heard.front(), "/body/type"));
  EXPECT_EQ("org-1", text_at(heard.front(), "/body/data/entityId"));
  EXPECT_EQ(1000, integer_at(heard.front(), "/body/data/credits"));
  ASSERT_TRUE(wait_until(patience, [&] {
    return text_at(deliveries_of(endpoint), "/deliveries/0/status") == "sent";
  }));
  const auto log = deliveries_of(endpoint);
  EXPECT_EQ(204, integer_at(log, "/deliveries/0/httpStatus"));
  EXPECT_EQ(text_at(heard.front(), "/id"), text_at(log, "/deliveries/0/deliveryId"));
}

TEST_F(WebhooksTest, TheSecretIsShownOnceAndIsNotAtRest) {
  auto client = service.client(admin);
  const auto body = R"({"url":"http://)" + receiver.address() + R"(/good","events":["*"]})";
  const auto made = client.post("/api/webhook-endpoints", body, {{"Idempotency-Key", "one"}});
  const auto secret = text_at(made.response.body, "/secret");
  ASSERT_TRUE(secret.starts_with("whsec_")) << made.response.body;
  const auto again = client.post("/api/webhook-endpoints", body, {{"Idempotency-Key", "one"}});
  EXPECT_EQ(201, again.status());
  EXPECT_EQ("", text_at(again.response.body, "/secret"));
  EXPECT_EQ(true, boolean_at(again.response.body, "/secretShown"));
  for (const auto* table : {"webhook_endpoints", "idempotency_answers"})
    EXPECT_EQ(
        "0",
        sql(std::string("SELECT count(*) FROM ") + table + " x WHERE x::text LIKE '%" + secret.substr(6, 20) +
            "%'")
    );
}

TEST_F(WebhooksTest, AfterARotationBothSecretsSignForADay) {
  const auto endpoint = add_here("/good");
  const auto rotated =
      service.client(admin).post("/api/webhook-endpoints/" + endpoint + "/rotate-secret", "");
  ASSERT_EQ(200, rotated.status()) << rotated.response.body;
  secrets.push_back(text_at(rotated.response.body, "/secret"));
  ASSERT_NE(secrets[0], secrets[1]);
  tell_secrets();
  buy();
  const auto both = wait_for("/good", 1);
  ASSERT_EQ(1u, both.size());
  EXPECT_EQ(true, boolean_at(both[0], "/verified/0"));
  EXPECT_EQ(true, boolean_at(both[0], "/verified/1"));

  sql("UPDATE webhook_endpoints SET rotated_at = rotated_at - interval '25 hours'");
  buy();
  const auto later = wait_for("/good", 2);
  ASSERT_EQ(2u, later.size());
  EXPECT_EQ(false, boolean_at(later[1], "/verified/0"));
  EXPECT_EQ(true, boolean_at(later[1], "/verified/1"));
}

TEST_F(WebhooksTest, WhatFailedComesAgainWithTheSameIdBeforeWhatHappenedLater) {
  add_here("/fail");
  buy(3);
  const auto heard = wait_for("/fail", 4);
  ASSERT_EQ(4u, heard.size());
  EXPECT_EQ(text_at(heard[0], "/id"), text_at(heard[1], "/id"));
  std::vector<std::int64_t> seqs;
  for (std::size_t i = 1; i < 4; ++i) {
    seqs.push_back(integer_at(heard[i], "/body/data/seq").value());
    EXPECT_EQ(true, boolean_at(heard[i], "/verified/0"));
  }
  EXPECT_TRUE(std::is_sorted(seqs.begin(), seqs.end()));
}

TEST_F(WebhooksTest, OneThatDoesNotAnswerDelaysNobodyElse) {
  add_here("/slow");
  add_here("/good");
  buy(5);
  EXPECT_EQ(5u, wait_for("/good", 5).size());
  EXPECT_EQ(1u, wait_for("/slow", 1).size()); // and is asked for one at a time
}

TEST_F(WebhooksTest, OneThatFailsIsLeftAloneAndSaysSo) {
  const auto endpoint = add_here("/down");
  const auto path = "/api/webhook-endpoints/" + endpoint;
  EXPECT_THAT(service.client(admin).get(path).response.body, testing::HasSubstr(R"("pausedUntil":null)"));
  buy();
  ASSERT_EQ(3u, wait_for("/down", 3).size());
  ASSERT_TRUE(wait_until(patience, [&] {
    return !text_at(service.client(admin).get(path).response.body, "/pausedUntil").empty();
  }));
  sql("UPDATE webhook_endpoint_pauses SET paused_until = clock_timestamp() + interval '1 hour'");
  sql("UPDATE notifications SET next_attempt_at = clock_timestamp() WHERE channel = 'webhook'");
  add_here("/good");
  buy();
  ASSERT_EQ(1u, wait_for("/good", 1).size());
  const auto heard = receiver.lines_with("\"path\":\"/down\"").size();
  ASSERT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM notifications WHERE channel = 'webhook' AND recipient = '" + endpoint +
               "' AND status = 'queued'") == "2";
  }));
  EXPECT_EQ(heard, receiver.lines_with("\"path\":\"/down\"").size());
  // Whoever has mended it says so, and it is tried at once.
  const auto mended = service.client(admin).put(path, R"({"description":"mended"})");
  ASSERT_EQ(200, mended.status()) << mended.response.body;
  EXPECT_EQ(heard + 1, wait_for("/down", heard + 1).size());
}

TEST_F(WebhooksTest, ALongAnswerIsAnAnswer) {
  const auto endpoint = add_here("/chatty");
  buy();
  ASSERT_EQ(1u, wait_for("/chatty", 1).size());
  ASSERT_TRUE(wait_until(patience, [&] {
    return text_at(deliveries_of(endpoint), "/deliveries/0/status") == "sent";
  }));
  EXPECT_EQ(200, integer_at(deliveries_of(endpoint), "/deliveries/0/httpStatus"));
}

/// Of a tenant only so many are asked at a time, and none is forgotten for that.
TEST_F(WebhooksTest, ManyEndpointsOfATenantWaitForEachOther) {
  for (int i = 0; i < 20; ++i)
    add_here("/slow");
  buy();
  ASSERT_EQ(16u, wait_for("/slow", 16).size());
  EXPECT_EQ("4", sql("SELECT count(*) FROM notifications WHERE channel = 'webhook' AND attempts = 0"));
  EXPECT_TRUE(wait_until(patience, [this] { // when those have been given up
    return sql("SELECT count(*) FROM notifications WHERE channel = 'webhook' AND attempts = 0") == "0";
  }));
}

TEST_F(WebhooksTest, AReplayHasTheSameIdAndBody) {
  const auto endpoint = add_here("/good");
  buy();
  ASSERT_EQ(1u, wait_for("/good", 1).size());
  ASSERT_TRUE(wait_until(patience, [&] {
    return text_at(deliveries_of(endpoint), "/deliveries/0/status") == "sent";
  }));
  const auto delivery = text_at(deliveries_of(endpoint), "/deliveries/0/deliveryId");
  const auto path = "/api/webhook-endpoints/" + endpoint + "/deliveries/" + delivery + "/replay";
  EXPECT_EQ(200, service.client(admin).post(path, "").status());
  const auto heard = wait_for("/good", 2);
  ASSERT_EQ(2u, heard.size());
  EXPECT_EQ(heard[0], heard[1]);
  EXPECT_EQ(
      404,
      service.client(admin)
          .post("/api/webhook-endpoints/whe-other/deliveries/" + delivery + "/replay", "")
          .status()
  );
}

TEST_F(WebhooksTest, AnEndpointThatIsGoneOrDisabledHearsNothing) {
  const auto endpoint = add_here("/good");
  auto client = service.client(admin);
  EXPECT_EQ(200, client.put("/api/webhook-endpoints/" + endpoint, R"({"status":"disabled"})").status());
  add_here("/gone");
  buy();
  ASSERT_EQ(1u, wait_for("/gone", 1).size());
  ASSERT_TRUE(wait_until(patience, [this] {
    return sql("SELECT status FROM notifications WHERE channel = 'webhook'") == "dead";
  }));
  EXPECT_EQ(0u, receiver.lines_with("\"path\":\"/good\"").size());
  EXPECT_EQ(200, client.remove("/api/webhook-endpoints/" + endpoint).status());
  EXPECT_EQ(404, client.get("/api/webhook-endpoints/" + endpoint).status());
}

TEST_F(WebhooksTest, ARedirectIsNotFollowed) {
  add_here("/redirect");
  buy();
  ASSERT_EQ(1u, wait_for("/redirect", 1).size());
  ASSERT_TRUE(wait_until(patience, [this] {
    return sql("SELECT concat_ws(' ', http_status, last_error_class) FROM notifications WHERE channel = "
               "'webhook'") == "302 transient";
  }));
  EXPECT_EQ(0u, receiver.lines_with("/elsewhere").size());
}

namespace {

/// Nothing is allowed besides the public internet.
class WebhookTargetsTest : public WebhooksTest {
protected:
  WebhookTargetsTest() : WebhooksTest("") {}
};

} // namespace

TEST_F(WebhookTargetsTest, W49NothingButThePublicInternetIsATarget) {
  for (const auto* url :
       {"http://example.com/hooks",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::7f00:1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0/",
        "https://localhost/",
        "https://localhost./",
        "https://a.localhost/",
        "https://metadata.google.internal/",
        "https://intranet/",
        "https://example.com@127.0.0.1/",
        "https://user:secret@example.com/",
        "https://example.com#@127.0.0.1/",
        "https://example.com\\\\@127.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "example.com",
        "https:///hooks",
        "https://",
        "https://exa mple.com/"}) {
    const auto refused = add(url);
    EXPECT_EQ(422, refused.status()) << url << refused.response.body;
    EXPECT_EQ("webhook_target_refused", text_at(refused.response.body, "/code")) << url;
    EXPECT_EQ("/url", text_at(refused.response.body, "/errors/0/pointer")) << url;
  }
  for (const auto* url :
       {"https://example.com/hooks?a=b",
        "https://example.com:8443/",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1::1]/"})
    EXPECT_EQ(201, add(url).status()) << url;
}

/// A name that led elsewhere when it was saved: the address is looked at when the connection is made.
TEST_F(WebhookTargetsTest, W49NothingIsSentToAnAddressThatIsNotPublicByThen) {
  const auto made = add("https://example.com/hooks");
  ASSERT_EQ(201, made.status());
  for (const auto& url :
       {"https://localhost:" + std::to_string(receiver.port()) + "/good",
        "http://127.0.0.1:" + std::to_string(receiver.port()) + "/good",
        std::string("https://169.254.169.254/")}) {
    sql("TRUNCATE notifications");
    sql("UPDATE webhook_endpoints SET url = '" + url + "'");
    buy();
    EXPECT_TRUE(wait_until(
        patience,
        [this] {
          return sql("SELECT concat_ws(' ', status, last_error_class) FROM notifications WHERE channel = "
                     "'webhook'") == "dead permanent_config";
        }
    )) << url
       << sql("SELECT concat_ws(' ', status, last_error) FROM notifications");
  }
  EXPECT_EQ(1u, receiver.lines().size()); // that it listens
}

} // namespace tessera::test
