// What happened reaches people by mail: here into the spool of a service of its own.
#include "tests/api/mailbox.hpp"
#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr milliseconds patience{20'000};

/// acme: org-1 ⊃ loc-1, with an administrator of the tenant, one of org-1 and one who manages loc-1.
class NotificationsTest : public testing::Test {
protected:
  NotificationsTest() {
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    key = service.create_api_key(
        "acme", {"credits:read", "credits:purchase", "credits:allocate", "directory:write"}
    );
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
    service.create_location(key, "loc-1", "org-1");
    service.create_user("acme", "boss@acme.test", password, "tenant_admin");
    service.create_user(
        "acme", "org@acme.test", password, "organization_admin", {"organization/org-1:viewer"}, {"crm"}
    );
    service.create_user(
        "acme", "loc@acme.test", password, "location_manager", {"location/loc-1:viewer"}, {"crm"}
    );
  }

  http_client as(const std::string& bearer) const {
    auto client = service.client(bearer);
    client.set_header("X-Application", "crm");
    return client;
  }
  std::string token(const std::string& email) const {
    return text_at(service.sign_in(email, password), "/accessToken");
  }
  void buy(http_client client, const std::string& type = "organization", const std::string& id = "org-1") {
    const auto bought = client.post(
        "/api/credits/purchase",
        R"({"packageId":"thousand","paymentMethod":"test","entityType":")" + type + R"(","entityId":")" + id +
            "\"}"
    );
    ASSERT_EQ(201, bought.status()) << bought.response.body;
  }
  void allocate() {
    const auto moved = as(key).post(
        "/api/credits/allocate",
        R"({"fromEntityType":"organization","fromEntityId":"org-1",)"
        R"("allocations":[{"toEntityType":"location","toEntityId":"loc-1","credits":300}]})"
    );
    ASSERT_EQ(200, moved.status()) << moved.response.body;
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }
  /// Waits until nothing is on its way any more.
  bool all_done() {
    return wait_until(patience, [this] {
      return sql("SELECT (SELECT count(*) FROM outbox WHERE expanded_at IS NULL)"
                 " + (SELECT count(*) FROM notifications WHERE status IN ('queued', 'claimed'))") == "0";
    });
  }
  mailbox mails() { return mailbox(service.spool()); }

  const std::string password = "correct horse battery";
  tessera_service service;
  std::string key;
};

} // namespace

TEST_F(NotificationsTest, ABuyerAndTheEntitysAdminsGetAConfirmation) {
  buy(as(token("boss@acme.test")));
  ASSERT_TRUE(all_done());
  const auto mails = this->mails();
  ASSERT_EQ(2u, mails.size());
  for (const auto* whom : {"boss@acme.test", "org@acme.test"}) {
    const auto one = mails.only_to(whom);
    EXPECT_THAT(one, HasSubstr("Subject: Credit Purchase Confirmation\r\n"));
    EXPECT_THAT(one, HasSubstr("You've successfully purchased 1000 credits for test."));
    EXPECT_THAT(one, HasSubstr("New Balance: 1000 credits"));
    EXPECT_THAT(one, HasSubstr("Amount: 50.00 USD"));
    EXPECT_THAT(one, HasSubstr("Expiry Date: 20"));
    EXPECT_THAT(one, HasSubstr("multipart/alternative"));
  }
}

TEST_F(NotificationsTest, TheReceiversAdminsHearOfAnAllocation) {
  buy(as(key));
  allocate();
  ASSERT_TRUE(all_done());
  const auto one = mails().only_to("loc@acme.test");
  EXPECT_THAT(one, HasSubstr("Subject: Credits Allocated to Your Account\r\n"));
  EXPECT_THAT(one, HasSubstr("300 credits have been allocated to test."));
  EXPECT_THAT(one, HasSubstr("New Balance: 300 credits"));
}

TEST_F(NotificationsTest, WhereAnEntityHasNoAdminsThoseAboveHear) {
  sql("DELETE FROM memberships WHERE user_id IN (SELECT user_id FROM users WHERE email LIKE 'loc%')");
  buy(as(key));
  allocate();
  ASSERT_TRUE(all_done());
  EXPECT_THAT(mails().only_to("org@acme.test", "Credits Allocated"), HasSubstr("300 credits"));
}

TEST_F(NotificationsTest, NamesAreTextWhereverTheyStand) {
  sql("UPDATE entities SET name = E'<b>x</b>\\r\\nBcc: all@acme.test {{credits}} \\u202eevil' WHERE "
      "entity_id = 'org-1'");
  sql("UPDATE tenants SET branding = jsonb_build_object('fromName', E'Acme\\r\\nBcc: all@acme.test')");
  buy(as(key));
  ASSERT_TRUE(all_done());
  const auto one = mails().only_to("org@acme.test");
  EXPECT_THAT(one, Not(HasSubstr("\nBcc:")));
  EXPECT_THAT(one, HasSubstr("for <b>x</b> Bcc: all@acme.test {{credits}} evil.")); // the text
  EXPECT_THAT(one, HasSubstr("for &lt;b&gt;x&lt;/b&gt; Bcc: all@acme.test {{credits}} evil."));
}

TEST_F(NotificationsTest, WhoIsDisabledBeforeItIsSentGetsNothing) {
  // The dispatcher finds the notification when the user is gone.
  sql("CREATE FUNCTION disable() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
      " UPDATE users SET status = 'disabled' WHERE email = 'org@acme.test'; RETURN NEW; END $$");
  sql("CREATE TRIGGER disable BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION disable()");
  buy(as(key));
  ASSERT_TRUE(all_done());
  EXPECT_EQ("skipped", sql("SELECT status FROM notifications WHERE recipient = 'org@acme.test'"));
  EXPECT_EQ(0u, mails().size());
}

TEST_F(NotificationsTest, WhoIsSuppressedGetsNothing) {
  sql("INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, "
      "reason)"
      " SELECT gen_random_uuid(), tenant_id, 'email', sha256('org@acme.test'), 'o***', 'manual' FROM tenants"
  );
  buy(as(key));
  ASSERT_TRUE(all_done());
  EXPECT_EQ("suppressed", sql("SELECT status FROM notifications WHERE recipient = 'org@acme.test'"));
  EXPECT_EQ(0u, mails().size());
}

TEST_F(NotificationsTest, AnAlertWaitsUntilTheNightIsOver) {
  buy(as(key));
  ASSERT_TRUE(all_done());
  sql("UPDATE users SET phone = '+12025550123', timezone = 'Asia/Kolkata' WHERE email = 'org@acme.test'");
  // By the user's clock it is quiet for two hours still, by the tenant's it is not.
  const auto night = [](const char* from, const char* to) {
    const auto at = [](const std::string& shift) {
      return "to_char((clock_timestamp() AT TIME ZONE 'Asia/Kolkata') + interval '" + shift + "', 'HH24:MI')";
    };
    return "UPDATE tenants SET policies = policies || jsonb_build_object('quietHours', "
           "jsonb_build_object('from', " +
           at(from) + ", 'to', " + at(to) + "))";
  };
  sql(night("-1 hour", "2 hours"));
  sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload) SELECT gen_random_uuid(), "
      "tenant_id,"
      " account_id, 'credits.low', '{\"availableCredits\":1}' FROM outbox WHERE kind = 'credits.purchased' "
      "LIMIT 1");
  const std::string low = " FROM notifications WHERE kind = 'credits.low' AND channel = 'sms'";
  ASSERT_TRUE(wait_until(patience, [&] {
    return sql("SELECT status = 'queued' AND attempts = 0"
               " AND next_attempt_at BETWEEN clock_timestamp() + interval '115 minutes'"
               "  AND clock_timestamp() + interval '121 minutes'" +
               low) == "t";
  })) << sql("SELECT status, attempts, next_attempt_at" + low);
  buy(as(key)); // what somebody does is told at once
  ASSERT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM notifications WHERE kind = 'credits.purchased' AND channel = 'sms'"
               " AND status = 'sent'") == "1";
  }));
  sql(night("2 hours", "3 hours"));
  sql("UPDATE notifications SET next_attempt_at = clock_timestamp() WHERE kind = 'credits.low'");
  EXPECT_TRUE(wait_until(patience, [&] { return sql("SELECT status" + low) == "sent"; }));
}

TEST_F(NotificationsTest, WhatHasBeenOverForLongIsDeletedAndWhatWaitsIsNot) {
  buy(as(key));
  ASSERT_TRUE(all_done());
  allocate();
  ASSERT_TRUE(all_done());
  const auto age = [&](const std::string& table, const std::string& where) {
    sql("UPDATE " + table + " SET created_at = created_at - interval '91 days' WHERE " + where);
  };
  age("notifications", "kind = 'credits.purchased'");
  age("outbox", "kind = 'credits.purchased'");
  sql("INSERT INTO outbox (outbox_id, tenant_id, kind, payload, created_at) SELECT gen_random_uuid(), "
      "tenant_id,"
      " 'nobody.minds', '{}', clock_timestamp() - interval '1 year' FROM tenants");
  sql("INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
      "created_at,"
      " next_attempt_at) SELECT gen_random_uuid(), tenant_id, gen_random_uuid(), 'x', 'webhook', 'gone',"
      " clock_timestamp() - interval '1 year', clock_timestamp() + interval '1 year' FROM tenants");
  ASSERT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM outbox WHERE expanded_at IS NULL") == "0";
  }));
  service.crash_and_restart(); // it is looked for at the start
  EXPECT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM notifications WHERE kind = 'credits.purchased'") == "0" &&
           sql("SELECT count(*) FROM outbox WHERE created_at < clock_timestamp() - interval '90 days'") ==
               "0";
  }));
  EXPECT_EQ("1", sql("SELECT count(*) FROM notifications WHERE kind = 'credits.allocated'"));
  EXPECT_EQ("1", sql("SELECT count(*) FROM notifications WHERE status = 'queued'")) << "it waits";
}

/// Killed again and again while they are on their way: none is lost, and none is there twice.
TEST_F(NotificationsTest, AKillLosesNothingAndDoublesNothing) {
  buy(as(key));
  sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)"
      " SELECT gen_random_uuid(), o.tenant_id, o.account_id, o.kind, o.payload FROM outbox o,"
      " generate_series(1, 999) WHERE o.kind = 'credits.purchased'");
  // Among them such as were cancelled before anybody was told.
  sql("INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
      " email_canonical, email_person, role, status, expiry_hours, expires_at)"
      " SELECT tenant_id, 'inv-' || n, 'boss', 1, who, who, who, who, 1, 'cancelled', 24, clock_timestamp() "
      "+ interval '1 day'"
      " FROM tenants, generate_series(1, 200) AS n, LATERAL (SELECT 'cancelled' || n || '@acme.test' AS who) "
      "AS w");
  sql("INSERT INTO outbox (outbox_id, tenant_id, kind, payload, created_at) SELECT gen_random_uuid(), "
      "i.tenant_id,"
      " 'invitation.created', jsonb_build_object('invitationId', i.invitation_id, 'channel', 'email', "
      "'generation', 1),"
      " o.least + random() * (o.most - o.least) FROM user_invitations i,"
      " (SELECT min(created_at) AS least, max(created_at) AS most FROM outbox) AS o");
  for (int kills = 0; kills < 20; ++kills) {
    const auto sent = std::to_string(kills * 45 + 1);
    ASSERT_TRUE(wait_until(patience, [&] {
      return sql("SELECT count(*) >= " + sent + " FROM notifications WHERE status = 'sent'") == "t";
    }));
    ASSERT_NE(
        "1000", sql("SELECT count(*) FROM notifications WHERE status = 'sent'")
    ); // they are on their way
    service.crash_and_restart();
  }
  ASSERT_TRUE(wait_until(milliseconds{60'000}, [this] {
    return sql("SELECT count(*) FROM notifications WHERE status = 'sent'") == "1000";
  }));
  EXPECT_EQ("0", sql("SELECT count(*) FROM outbox WHERE expanded_at IS NULL"));
  ASSERT_TRUE(all_done());
  EXPECT_EQ(
      "1000", sql("SELECT count(*) FROM notifications WHERE kind = 'credits.purchased' AND status = 'sent'")
  );
  EXPECT_EQ(
      "200",
      sql("SELECT count(*) FROM notifications WHERE kind = 'invitation.created' AND status = 'skipped'")
  );
  EXPECT_EQ("1200", sql("SELECT count(*) FROM notifications"));
  EXPECT_EQ(1000u, mails().size());
  EXPECT_THROW(mails().only_to("cancelled1@acme.test"), std::runtime_error);
  // How many went twice, with the same bytes into the same file: at most one a kill.
  const auto again = std::stoi(sql("SELECT count(*) FROM notifications WHERE attempts > 1"));
  EXPECT_LE(again, 20);
  RecordProperty("sent_again_after_a_kill", again);
}

} // namespace tessera::test
