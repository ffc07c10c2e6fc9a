// What people are told of money, with the payment sandbox: purchases are told when they are paid, and
// refunds.
#include "tests/api/mailbox.hpp"
#include "tests/support/json.hpp"
#include "tests/support/paysim.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

using testing::HasSubstr;

constexpr milliseconds patience{20'000};

class MoneyMailsTest : public testing::Test {
protected:
  MoneyMailsTest() : service({.environment = provider.settings()}) {
    provider.tell(service.base_url());
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    key = service.create_api_key("acme", {"credits:read", "credits:purchase", "directory:write"});
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
    service.create_user(
        "acme", "org@acme.test", password, "organization_admin", {"organization/org-1:viewer"}, {"crm"}
    );
  }

  http_client seller() const {
    auto made = service.operator_client();
    made.set_header("X-Tenant", "acme");
    made.set_timeout(patience);
    return made;
  }
  http_exchange buy(const std::string& method) const {
    auto buyer = service.client(key);
    buyer.set_header("X-Application", "crm");
    buyer.set_timeout(patience);
    return buyer.post(
        "/api/credits/purchase",
        R"({"entityType":"organization","entityId":"org-1","packageId":"thousand","paymentMethod":")" +
            method + "\"}"
    );
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }
  bool is_told(const std::string& kind) {
    return wait_until(patience, [&] {
      return sql("SELECT count(*) FROM notifications WHERE status = 'sent' AND kind = '" + kind + "'") == "1";
    });
  }
  mailbox mails() const { return mailbox(service.spool()); }

  const std::string password = "correct horse battery";
  paysim provider;
  tessera_service service;
  std::string key;
};

} // namespace

TEST_F(MoneyMailsTest, APurchaseIsToldWhenItIsPaidAndNotBefore) {
  const auto ordered = buy("invoice");
  ASSERT_EQ(202, ordered.status()) << ordered.response.body;
  EXPECT_EQ("0", sql("SELECT count(*) FROM outbox WHERE kind = 'credits.purchased'"));
  const auto purchase = text_at(ordered.response.body, "/purchaseId");
  const auto paid = seller().post("/api/credits/purchases/" + purchase + "/mark-paid", "{}");
  ASSERT_EQ(200, paid.status()) << paid.response.body;
  ASSERT_TRUE(is_told("credits.purchased"));
  const auto mail = unquoted(mails().only_to("org@acme.test", "Subject: Credit Purchase Confirmation"));
  EXPECT_THAT(mail, HasSubstr("Amount: 50.00 USD"));
}

TEST_F(MoneyMailsTest, TheEntitysAdminsHearOfARefund) {
  auto client = service.client(key);
  client.set_header("X-Application", "crm");
  const auto saved = client.post(
      "/api/credits/payment-methods",
      R"({"entityType":"organization","entityId":"org-1","paymentMethodId":"pm_card_visa"})"
  );
  ASSERT_EQ(201, saved.status()) << saved.response.body;
  const auto bought = buy("stripe");
  ASSERT_EQ(201, bought.status()) << bought.response.body;
  const auto refunded = seller().post(
      "/api/credits/purchases/" + text_at(bought.response.body, "/purchaseId") + "/refund",
      R"({"credits":400,"reason":"too many"})"
  );
  ASSERT_EQ(201, refunded.status()) << refunded.response.body;
  ASSERT_TRUE(is_told("credits.refunded"));
  const auto mail = unquoted(mails().only_to("org@acme.test", "Subject: Credits Refunded"));
  EXPECT_THAT(mail, HasSubstr("400 credits of test have been refunded."));
  EXPECT_THAT(mail, HasSubstr("New Balance: 600 credits"));
}

} // namespace tessera::test
