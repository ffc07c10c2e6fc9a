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

/// Killed again and again while they are on their way: none is lost, and none is there twice.
TEST_F(NotificationsTest, AKillLosesNothingAndDoublesNothing) {
  buy(as(key));
  sql("INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)"
      " SELECT gen_random_uuid(), o.tenant_id, o.account_id, o.kind, o.payload FROM outbox o,"
      " generate_series(1, 999) WHERE o.kind = 'credits.purchased'");
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
  EXPECT_EQ("1000", sql("SELECT count(*) FROM notifications"));
  EXPECT_EQ(1000u, mails().size());
}

} // namespace tessera::test
