// The brief's purchase, word for word, through the payment sandbox.
#include "tests/api/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

TEST(DemoPurchaseTest, TheBriefsPurchaseWithASavedCardIsAnsweredWithItsFigures) {
  const paysim provider;
  tessera_service service(shop::options(provider, {}));
  const auto made = service.command({"demo", "--base-url", service.base_url(), "--json"});
  ASSERT_EQ(0, made.status.code) << made.output;
  auto keeper = service.operator_client();
  keeper.set_header("X-Tenant", "demo");
  const auto saved = keeper.post(
      "/api/credits/payment-methods",
      R"({"entityType":"organization","entityId":"org-123","paymentMethodId":"pm_card_visa"})"
  );
  ASSERT_EQ(201, saved.status()) << saved.response.body;

  const auto login = service.client().post(
      "/api/auth/login",
      R"({"email":")" + text_at(made.output, "/adminEmail") + R"(","password":")" +
          text_at(made.output, "/adminPassword") + "\"}"
  );
  ASSERT_EQ(200, login.status()) << login.response.body;
  auto buyer = service.client(text_at(login.response.body, "/accessToken"));
  buyer.set_header("X-Application", "crm");
  buyer.set_timeout(patience);
  const auto bought = buyer.post(
      "/api/credits/purchase",
      R"({"packageId":"premium-5000","entityType":"organization","entityId":"org-123","paymentMethod":"stripe",)"
      R"("billingAddress":{"street":"123 Business St","city":"Bangalore","country":"India","zipCode":"560001"}})"
  );
  ASSERT_EQ(201, bought.status()) << bought.response.body;
  const auto& body = bought.response.body;
  EXPECT_TRUE(truth_at(body, "/success"));
  EXPECT_THAT(text_at(body, "/purchaseId"), testing::StartsWith("pur-"));
  EXPECT_EQ(5000, number_at(body, "/creditsAdded"));
  EXPECT_EQ(5800, number_at(body, "/newBalance"));
  EXPECT_NE("", text_at(body, "/expiryDate"));
  EXPECT_NE("", text_at(body, "/invoiceUrl"));
  EXPECT_EQ(1u, size_at(provider.call("/v1/payment_intents").response.body, "/data"));
}

} // namespace tessera::test
