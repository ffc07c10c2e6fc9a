// SMS: into the spool, and by a provider that is not ours (tests/node/sms), with Twilio's API and its
// failures.
#include "tests/api/lost_commits.hpp"
#include "tests/api/mailbox.hpp"
#include "tests/api/node_process.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr milliseconds patience{30'000};
constexpr auto account = "AC00000000000000000000000000000001";
constexpr auto token = "0123456789abcdef0123456789abcdef";
constexpr auto form = "application/x-www-form-urlencoded";

/// acme with org-1, whose tenant_admin invites.
class SmsTest : public testing::Test {
protected:
  void begin(std::map<std::string, std::string> environment = {}) {
    environment.emplace("TESSERA_LIMITS_SCALE", "1000");
    service.emplace(service_options{.environment = environment});
    service->create_tenant("acme");
    service->create_package("acme", "thousand", 1000, 5000);
    key = service->create_api_key("acme", {"credits:read", "credits:purchase", "directory:write"});
    service->create_application(key, "crm");
    service->create_organization(key, "org-1");
    boss = service->create_user("acme", "boss@acme.test", password, "tenant_admin");
    admin = text_at(service->sign_in("boss@acme.test", password), "/accessToken");
  }
  void begin_with_provider(const std::string& from = "+15005550006", const std::string& scale = "1000") {
    provider.emplace("sms/provider.mjs", std::vector<std::string>{account, token});
    begin(
        {{"TESSERA_SMS_API_BASE", "http://" + provider->address()},
         {"TESSERA_SMS_ACCOUNT_SID", account},
         {"TESSERA_SMS_AUTH_TOKEN", token},
         {"TESSERA_SMS_FROM", from},
         {"TESSERA_LIMITS_SCALE", scale}}
    );
  }

  http_client as_admin() const {
    auto client = service->client(admin);
    client.set_header("X-Application", "crm");
    return client;
  }
  /// Its id.
  std::string invite(const std::string& phone, const std::string& more = {}) {
    const auto made = as_admin().post(
        "/api/invitations",
        R"({"email":"person)" + std::to_string(++people) +
            R"(@company.test","firstName":"John","lastName":"Doe",)" + R"("phone":")" + phone +
            R"(","entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])" +
            more + "}"
    );
    EXPECT_EQ(201, made.status()) << made.response.body;
    return text_at(made.response.body, "/invitationId");
  }
  void buy() {
    auto client = service->client(key);
    client.set_header("X-Application", "crm");
    const auto bought = client.post(
        "/api/credits/purchase",
        R"({"packageId":"thousand","paymentMethod":"test","entityType":"organization","entityId":"org-1"})"
    );
    ASSERT_EQ(201, bought.status()) << bought.response.body;
  }
  std::string sql(const std::string& text) { return service->cluster().query(service->database(), text); }
  /// `status class` of the only SMS to that number, once it is one of those; what it was last otherwise.
  std::string outcome(const std::string& number, const std::string& wanted) {
    std::string told;
    wait_until(patience, [&] {
      told =
          sql("SELECT concat_ws(' ', status, last_error_class) FROM notifications WHERE channel = 'sms'"
              " AND recipient = '" +
              number + "'");
      return told == wanted;
    });
    return told;
  }
  /// The same, and who must wait before another attempt waits no longer.
  std::string outcome_without_waiting(const std::string& number, const std::string& wanted) {
    wait_until(patience, [&] {
      sql("UPDATE notifications SET next_attempt_at = clock_timestamp() WHERE status = 'queued'");
      return sql("SELECT status FROM notifications WHERE channel = 'sms' AND recipient = '" + number + "'") ==
             wanted;
    });
    return outcome(number, wanted);
  }
  std::string delivery_of(const std::string& invitation) {
    return text_at(as_admin().get("/api/invitations/" + invitation).response.body, "/delivery/sms");
  }
  std::vector<std::string> texts() {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(service->spool()))
      if (file.path().extension() == ".json") found.push_back(read_file(file.path().string()));
    return found;
  }
  http_exchange tell(const std::string& path, const std::string& body, const std::string& signature) {
    return service->client().post(path, body, {{"Content-Type", form}, {"X-Twilio-Signature", signature}});
  }
  /// Signed as Twilio signs, by openssl.
  std::string signature_of(const std::string& path, const std::string& sorted_fields) {
    const auto made = run(
        {.command =
             {"/bin/sh",
              "-c",
              "printf %s \"$0\" | openssl dgst -sha1 -hmac \"$1\" -binary | base64",
              service->base_url() + path + sorted_fields,
              token},
         .environment = {},
         .output_file = {}}
    );
    return made.output.substr(0, made.output.find('\n'));
  }

  const std::string password = "correct horse battery";
  std::optional<node_process> provider;
  std::optional<tessera_service> service;
  std::string key;
  std::string admin;
  std::string boss;
  int people = 0;
};

} // namespace

TEST_F(SmsTest, WithoutAProviderAnInvitationIsAFileWithATokenOfItsOwn) {
  begin();
  const auto id = invite("+91-9876543210");
  EXPECT_EQ("sent", outcome("+919876543210", "sent"));
  ASSERT_EQ(1u, texts().size());
  const auto sms = texts().front();
  EXPECT_EQ("+919876543210", text_at(sms, "/to"));
  EXPECT_EQ(1, integer_at(sms, "/segments"));
  const auto text = text_at(sms, "/text");
  EXPECT_THAT(
      text,
      StartsWith(
          "You're invited to join acme. Accept: " + service->base_url() + "/accept-invitation?token=tsi_"
      )
  );
  EXPECT_EQ("sent", delivery_of(id));

  const auto by_sms = text.substr(text.find("tsi_"));
  EXPECT_EQ(
      "sms " + id,
      sql("SELECT channel || ' ' || invitation_id FROM invitation_tokens WHERE token_sha256 = sha256('" +
          by_sms + "')")
  ) << "the token says which way it came";
  const auto accepted = service->client().post(
      "/api/invitations/accept",
      R"({"token":")" + by_sms +
          R"(","password":"SecurePass123!","confirmPassword":"SecurePass123!","acceptTerms":true})"
  );
  ASSERT_EQ(200, accepted.status()) << accepted.response.body;
  EXPECT_EQ(false, boolean_at(accepted.response.body, "/emailVerified")) << "a phone proves no address";
  EXPECT_EQ("+919876543210", sql("SELECT phone FROM users WHERE email = 'person1@company.test'"));
}

TEST_F(SmsTest, WhatPeopleWriteIsTextOfOneLineInAnSms) {
  begin();
  sql("UPDATE tenants SET branding = jsonb_build_object('displayName',"
      " E'<b>A</b>\\r\\nSTOP {{invitationUrl}} \\u202eevil')");
  invite("+919876543210");
  EXPECT_EQ("sent", outcome("+919876543210", "sent"));
  ASSERT_EQ(1u, texts().size());
  EXPECT_THAT(
      text_at(texts().front(), "/text"),
      StartsWith(
          "You're invited to join <b>A</b> STOP {{invitationUrl}} evil. Accept: " + service->base_url() + "/"
      )
  );
}

TEST_F(SmsTest, NoTokenOfAnSmsIsAtRest) {
  begin();
  invite("+91-9876543210");
  ASSERT_EQ("sent", outcome("+919876543210", "sent"));
  for (const auto* table :
       {"notifications", "outbox", "user_invitations", "invitation_tokens", "invitation_activities"})
    EXPECT_THAT(
        sql("SELECT coalesce(string_agg(t::text, ' '), '') FROM " + std::string(table) + " t"),
        Not(HasSubstr("tsi_"))
    ) << table;
}

TEST_F(SmsTest, W35ToACountryThatThePolicyHasNotNothingGoes) {
  begin();
  const auto id = invite("+4915112345678");
  EXPECT_EQ("unavailable", delivery_of(id));
  const auto edited = as_admin().put("/api/tenant", R"({"policies":{"smsCountries":["DE"]}})");
  ASSERT_EQ(200, edited.status()) << edited.response.body;
  const auto other = invite("+4915112345679");
  EXPECT_EQ("sent", outcome("+4915112345679", "sent"));
  EXPECT_EQ("sent", delivery_of(other));
  EXPECT_EQ("0", sql("SELECT count(*) FROM notifications WHERE recipient = '+4915112345678'"));
}

TEST_F(SmsTest, WhoHasAPhoneHearsOfPurchasesAndOfLittleThatIsLeft) {
  begin();
  sql("UPDATE users SET phone = '+12025550123' WHERE user_id = '" + boss + "'"); // as of an invitation
  buy();
  EXPECT_EQ("sent", outcome("+12025550123", "sent"));
  ASSERT_EQ(1u, texts().size());
  EXPECT_EQ("Purchase confirmed! 1000 credits added. Balance: 1000", text_at(texts().front(), "/text"));

  sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload) SELECT gen_random_uuid(), "
      "tenant_id,"
      " account_id, 'credits.low', jsonb_build_object('availableCredits', 42) FROM outbox WHERE kind = "
      "'credits.purchased'");
  ASSERT_TRUE(wait_until(patience, [&] { return texts().size() == 2; }));
  const auto all = texts();
  EXPECT_THAT(
      text_at(all[0], "/text") + text_at(all[1], "/text"),
      HasSubstr("Credit balance low: 42 remaining. Purchase more: " + service->base_url() + "/")
  );
}

TEST_F(SmsTest, AProviderTakesItAndTellsThatItArrived) {
  begin_with_provider();
  const auto id = invite("+12025550110");
  EXPECT_EQ("delivered", outcome("+12025550110", "delivered"));
  EXPECT_EQ("delivered", delivery_of(id));
  const auto sent = provider->lines_with("\"event\":\"sms\"");
  ASSERT_EQ(1u, sent.size());
  EXPECT_EQ("+15005550006", text_at(sent.front(), "/from"));
  EXPECT_EQ(
      sql("SELECT notification_id FROM notifications WHERE channel = 'sms'"), text_at(sent.front(), "/key")
  );
  const auto shown = service->client(admin).get("/api/notifications?channel=sms").response.body;
  EXPECT_EQ("+12*******10", text_at(shown, "/notifications/0/recipientMasked"));
  EXPECT_EQ("delivered", text_at(shown, "/notifications/0/status"));
}

TEST_F(SmsTest, WhatIsToldLateChangesNothing) {
  begin_with_provider();
  invite("+12025550111");
  ASSERT_TRUE(wait_until(patience, [&] { return provider->lines_with("\"event\":\"told\"").size() == 3; }));
  for (const auto& told : provider->lines_with("\"event\":\"told\""))
    EXPECT_EQ(200, integer_at(told, "/answer")) << told;
  EXPECT_EQ("delivered", outcome("+12025550111", "delivered"));
}

TEST_F(SmsTest, WhatIsRefusedIsClassified) {
  begin_with_provider();
  struct refused {
    const char* number;
    const char* outcome;
    const char* suppressed; // by that reason
  };
  const refused all[] = {
      {"+15005550001", "dead permanent_recipient", "bounce"},
      {"+15005550002", "dead permanent_recipient", "bounce"},
      {"+15005550003", "dead permanent_config", ""},
      {"+15005550004", "dead permanent_recipient", "optout"},
      {"+15005550009", "dead permanent_recipient", "bounce"},
  };
  for (const auto& [number, wanted, reason] : all) {
    const auto id = invite(number);
    EXPECT_EQ(wanted, outcome(number, wanted)) << number;
    const auto is_recipients = *reason != 0;
    EXPECT_EQ(is_recipients ? "bounced" : "failed", delivery_of(id)) << number;
    EXPECT_EQ(
        reason,
        sql("SELECT coalesce(string_agg(reason, ' '), '') FROM suppressions WHERE channel = 'sms'"
            " AND recipient_sha256 = sha256('" +
            std::string(number) + "')")
    ) << number;
  }
  EXPECT_THAT(sql("SELECT string_agg(last_error, ' ') FROM notifications"), Not(HasSubstr("1500555")));
}

TEST_F(SmsTest, AWrongTokenOrSenderIsForTheOperator) {
  begin_with_provider("+15005550007");
  invite("+12025550110");
  EXPECT_EQ("dead permanent_config", outcome("+12025550110", "dead permanent_config"));
  EXPECT_EQ("0", sql("SELECT count(*) FROM suppressions"));
}

TEST_F(SmsTest, WhatFailsForNowIsTriedAgain) {
  begin_with_provider();
  for (const auto* number : {"+12025550101", "+12025550102", "+12025550103"}) {
    invite(number);
    EXPECT_EQ("sent", outcome_without_waiting(number, "sent")) << number;
    EXPECT_EQ("2", sql("SELECT attempts FROM notifications WHERE recipient = '" + std::string(number) + "'"));
  }
  // The answer was lost: the same message went twice, with the same key.
  const auto twice = provider->lines_with("\"to\":\"+12025550103\"");
  ASSERT_EQ(2u, twice.size());
  EXPECT_EQ(text_at(twice[0], "/key"), text_at(twice[1], "/key"));
  EXPECT_EQ(text_at(twice[0], "/text"), text_at(twice[1], "/text"));
}

TEST_F(SmsTest, WhatWasToldToHaveArrivedIsNotSentAgainThoughTheAnswerWasLost) {
  begin_with_provider();
  invite("+12025550114");
  EXPECT_EQ("delivered", outcome("+12025550114", "delivered"));
  ASSERT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM notifications WHERE status IN ('queued', 'claimed')") == "0";
  }));
  EXPECT_EQ(1u, provider->lines_with("\"event\":\"sms\"").size());
  EXPECT_EQ("delivered 1", sql("SELECT status || ' ' || attempts FROM notifications WHERE channel = 'sms'"));
}

TEST_F(SmsTest, WhatTheCarrierCannotDeliverIsOverOrComesAgain) {
  begin_with_provider();
  const auto nobody = invite("+12025550112");
  EXPECT_EQ("dead permanent_recipient", outcome("+12025550112", "dead permanent_recipient"));
  EXPECT_EQ("bounced", delivery_of(nobody));
  EXPECT_EQ("bounce", sql("SELECT reason FROM suppressions WHERE channel = 'sms'"));

  invite("+12025550113");
  EXPECT_EQ("delivered", outcome_without_waiting("+12025550113", "delivered"));
  EXPECT_EQ("2", sql("SELECT attempts FROM notifications WHERE recipient = '+12025550113'"));
}

TEST_F(SmsTest, W35ANumberGetsSoManyADay) {
  begin_with_provider("+15005550006", "1");
  for (int i = 0; i < 6; ++i)
    invite("+12025550120");
  ASSERT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM notifications WHERE channel = 'sms' AND status IN ('sent', 'suppressed')"
           ) == "6";
  }));
  EXPECT_EQ("5", sql("SELECT count(*) FROM notifications WHERE channel = 'sms' AND status = 'sent'"));
  EXPECT_THAT(sql("SELECT last_error FROM notifications WHERE status = 'suppressed'"), HasSubstr("today"));
}

TEST_F(SmsTest, StopEndsThemOfAllTenantsAndStartTakesItBack) {
  begin_with_provider();
  service->create_tenant("other");
  invite("+12025550110");
  ASSERT_EQ("delivered", outcome("+12025550110", "delivered"));
  const std::string answer = "From=%2B12025550110&To=%2B15005550006&Body=+Stop.";
  const auto stop = tell(
      "/webhooks/sms", answer, signature_of("/webhooks/sms", "Body Stop.From+12025550110To+15005550006")
  );
  ASSERT_EQ(200, stop.status()) << stop.response.body;
  EXPECT_THAT(stop.response.body, HasSubstr("<Response/>"));
  EXPECT_EQ(
      "acme optout", sql("SELECT t.id || ' ' || reason FROM suppressions JOIN tenants t USING (tenant_id)")
  );
  const auto id = invite("+12025550110");
  ASSERT_TRUE(wait_until(patience, [&] { return delivery_of(id) == "suppressed"; }));
  sql("DELETE FROM suppressions"); // it is the number's wish all the same
  const auto still = invite("+12025550110");
  ASSERT_TRUE(wait_until(patience, [&] { return delivery_of(still) == "suppressed"; }));

  const auto start = tell(
      "/webhooks/sms",
      "From=%2B12025550110&To=%2B15005550006&Body=start",
      signature_of("/webhooks/sms", "BodystartFrom+12025550110To+15005550006")
  );
  ASSERT_EQ(200, start.status());
  const auto again = invite("+12025550110");
  ASSERT_TRUE(wait_until(patience, [&] { return delivery_of(again) == "delivered"; }));
}

TEST_F(SmsTest, NobodyElseTellsUsAnything) {
  begin_with_provider();
  invite("+12025550120");
  ASSERT_EQ("sent", outcome("+12025550120", "sent"));
  const auto sid = sql("SELECT provider_message_id FROM notifications WHERE channel = 'sms'");
  const auto body = "MessageSid=" + sid + "&MessageStatus=delivered";
  const auto good = signature_of("/webhooks/sms/status", "MessageSid" + sid + "MessageStatusdelivered");
  const std::string path = "/webhooks/sms/status";
  for (const auto& [where, what, by] :
       {std::tuple{path, body, std::string()},
        {path, body, "A" + good},
        {path, body + "&x=1", good},
        {path + "?notification=0198f1c2-7a3e-7b0c-9d4e-5f60718293a5", body, good},
        {path, std::string("MessageSid=%zz"), good}}) {
    const auto answer = tell(where, what, by);
    EXPECT_EQ(403, answer.status()) << where << ' ' << what;
    EXPECT_EQ("invalid_signature", text_at(answer.response.body, "/code"));
  }
  EXPECT_EQ("sent", outcome("+12025550120", "sent"));
  EXPECT_EQ(415, service->client().post(path, body).status());

  const auto told = tell(path, body, good); // without our own id it is found by the provider's
  EXPECT_EQ(200, told.status()) << told.response.body;
  EXPECT_EQ(true, boolean_at(told.response.body, "/known"));
  EXPECT_EQ("delivered", outcome("+12025550120", "delivered"));
  const auto unknown = tell(
      path,
      "MessageSid=SM9&MessageStatus=delivered",
      signature_of(path, "MessageSidSM9MessageStatusdelivered")
  );
  EXPECT_EQ(200, unknown.status());
  EXPECT_EQ(false, boolean_at(unknown.response.body, "/known"));
}

/// The provider comes again.
TEST_F(SmsTest, WhatIsToldWhileTheDatabaseIsAwayIsNotTaken) {
  begin_with_provider();
  const std::string path = "/webhooks/sms/status";
  const auto told = signature_of(path, "MessageSidSM9MessageStatusdelivered");
  const auto stop = signature_of("/webhooks/sms", "BodySTOPFrom+12025550110");
  service->cluster().pause();
  const auto of_status = tell(path, "MessageSid=SM9&MessageStatus=delivered", told);
  const auto of_reply = tell("/webhooks/sms", "From=%2B12025550110&Body=STOP", stop);
  service->cluster().resume();
  for (const auto& answer : {of_status, of_reply}) {
    EXPECT_EQ(503, answer.status()) << answer.response.body;
    EXPECT_EQ("database_unavailable", text_at(answer.response.body, "/code"));
  }
  EXPECT_TRUE(service->wait_until_ready());
  EXPECT_EQ(200, tell("/webhooks/sms", "From=%2B12025550110&Body=STOP", stop).status());
  EXPECT_EQ("1", sql("SELECT count(*) FROM sms_optouts"));
}

TEST_F(SmsTest, WhatWasPerhapsTakenIsToldAgain) {
  begin_with_provider();
  invite("+12025550120");
  ASSERT_EQ("sent", outcome("+12025550120", "sent"));
  const auto sid = sql("SELECT provider_message_id FROM notifications WHERE channel = 'sms'");
  const std::string path = "/webhooks/sms/status";
  const auto delivered = [&, by = signature_of(path, "MessageSid" + sid + "MessageStatusdelivered")] {
    return tell(path, "MessageSid=" + sid + "&MessageStatus=delivered", by);
  };
  const auto stop = [&, by = signature_of("/webhooks/sms", "BodySTOPFrom+12025550110")] {
    return tell("/webhooks/sms", "From=%2B12025550110&Body=STOP", by);
  };
  {
    const lost_commits lost(*service, {"notifications", "sms_optouts"});
    lost.expect_unknown(delivered);
    lost.expect_unknown(stop);
  }

  EXPECT_TRUE(wait_until(patience, [&] { return delivered().status() == 200 && stop().status() == 200; }));
  EXPECT_EQ("delivered", outcome("+12025550120", "delivered"));
  EXPECT_EQ("1", sql("SELECT count(*) FROM sms_optouts"));
}

TEST_F(SmsTest, WithoutATokenNothingIsBelieved) {
  begin();
  EXPECT_EQ(403, tell("/webhooks/sms", "From=%2B12025550110&Body=STOP", "").status());
}

} // namespace tessera::test
