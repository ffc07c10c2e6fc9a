// A provider that is slow, and one that tells everything twice, late and in another order.
#include "tests/api/shop.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tessera::test {

namespace {

class PaymentWeatherTest : public testing::Test {
protected:
  std::string row(const std::string& sql) const {
    return at.service.cluster().query(at.service.database(), sql.c_str());
  }
  bool is_quiet() const {
    return row("SELECT count(*) FROM provider_events WHERE state = 'waiting'") == "0" &&
           row("SELECT count(*) FROM credit_purchases WHERE status = 'pending'") == "0";
  }

  shop at;
};

} // namespace

TEST_F(PaymentWeatherTest, ASlowProviderIsPendingWithAMessageAndPaidOnce) {
  ASSERT_EQ(201, at.save("pm_card_visa").status());
  at.provider.control("/failures", "method=POST&path=/v1/payment_intents&times=1&delay_ms=17000");
  const auto begun = at.buy(shop::order(), "slow");
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  EXPECT_EQ("pending", text_at(begun.response.body, "/status"));
  EXPECT_NE("", text_at(begun.response.body, "/message"));
  EXPECT_EQ(0, at.available());
  EXPECT_TRUE(wait_until(milliseconds{60'000}, [&] { return at.status_of(purchase) == "completed"; }));
  EXPECT_EQ(201, at.buy(shop::order(), "slow").status());
  EXPECT_EQ(1000, at.available());
  EXPECT_EQ(1u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data"));
}

TEST_F(PaymentWeatherTest, WhateverComesTwiceLateAndInAnotherOrderEndsTheSame) {
  at.provider.control("/webhooks", "chaos=true");
  ASSERT_EQ(201, at.save("pm_card_visa").status());
  std::vector<std::string> bought;
  for (int i = 0; i < 4; ++i) {
    const auto answer = at.buy(shop::order());
    ASSERT_EQ(201, answer.status()) << answer.response.body;
    bought.push_back(text_at(answer.response.body, "/purchaseId"));
  }
  at.provider.control("/refunds", "amount=2500&payment_intent=" + at.payment_of(bought[1])); // half
  at.provider.control("/refunds", "payment_intent=" + at.payment_of(bought[2]));
  const auto dispute =
      at.provider.control("/disputes", "payment_intent=" + at.payment_of(bought[3])).response.body;
  at.provider.control("/disputes/" + text_at(dispute, "/id") + "/close", "outcome=lost");
  EXPECT_TRUE(at.becomes(bought[1], "partially_refunded")) << at.status_of(bought[1]);
  EXPECT_TRUE(at.becomes(bought[2], "refunded")) << at.status_of(bought[2]);
  EXPECT_TRUE(at.becomes(bought[3], "charged_back")) << at.status_of(bought[3]);
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1500; })) << at.available();
  EXPECT_TRUE(wait_until(patience, [&] { return is_quiet(); }));
  EXPECT_EQ(1500, at.available());
  EXPECT_EQ("completed", at.status_of(bought[0]));
  EXPECT_EQ("0", at.events_in("quarantined"));
}

} // namespace tessera::test
