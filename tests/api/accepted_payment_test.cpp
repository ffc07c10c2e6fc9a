// Payments that do not fit: what is accepted, what is given back, and what that takes.
#include "tests/api/shop.hpp"
#include "tests/api/stripe_events.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

namespace {

class AcceptedPaymentTest : public testing::Test {
protected:
  std::string row(const std::string& sql) const {
    return at.service.cluster().query(at.service.database(), sql.c_str());
  }
  /// One that is never charged, however often its key is tried: what is paid for it is what the test says.
  std::string ordered() const {
    at.provider.control("/failures", "method=POST&path=/v1/payment_intents&times=1&status=500&saved=true");
    EXPECT_EQ(201, at.save("pm_card_visa").status());
    const auto begun = at.buy(shop::order());
    EXPECT_EQ(202, begun.status()) << begun.response.body;
    return text_at(begun.response.body, "/purchaseId");
  }
  http_exchange accept(const std::string& purchase, const std::string& key) const {
    return at.seller().post(
        "/api/credits/purchases/" + purchase + "/mark-paid", "{}", {{"Idempotency-Key", key}}
    );
  }
  void say(const std::string& body) const { EXPECT_EQ(200, post_event(at, body).status()); }
  /// All that was told is taken in, and nothing follows from it any more.
  bool is_quiet() const {
    return wait_until(patience, [&] {
      return row("SELECT count(*) FROM provider_events WHERE state = 'waiting'") == "0" &&
             row("SELECT count(*) FROM credit_purchases WHERE next_check_at IS NOT NULL") == "0";
    });
  }

  shop at;
};

} // namespace

TEST_F(AcceptedPaymentTest, WhatIsAcceptedAndGoesBackIsCountedByWhatWasPaid) {
  const auto purchase = ordered();
  say(intent_succeeded("evt_more", purchase, 6'000));
  EXPECT_TRUE(at.becomes(purchase, "review")) << at.status_of(purchase);
  say(refund_created("evt_excess", purchase, "pi_of_evt_more", 1'000)); // first what was too much
  say(charge_refunded("evt_charge", purchase, "pi_of_evt_more", 6'000, 1'000));
  EXPECT_TRUE(is_quiet());
  const auto accepted = accept(purchase, "first");
  EXPECT_EQ(200, accepted.status()) << accepted.response.body;
  EXPECT_TRUE(is_quiet());
  EXPECT_EQ(200, accept(purchase, "again").status());
  EXPECT_EQ(1000, at.available());
  EXPECT_EQ("completed", at.status_of(purchase));
  say(refund_created("evt_half", purchase, "pi_of_evt_more", 2'500));
  say(charge_refunded("evt_charge_2", purchase, "pi_of_evt_more", 6'000, 3'500));
  EXPECT_TRUE(at.becomes(purchase, "partially_refunded")) << at.status_of(purchase);
  EXPECT_TRUE(is_quiet());
  EXPECT_EQ(500, at.available());
}

TEST_F(AcceptedPaymentTest, WhatDidNotFitAndWentBackTakesNothingFromWhatFits) {
  const auto purchase = ordered();
  say(refund_created("evt_back", purchase, "pi_of_evt_less", 4'000));
  say(charge_refunded("evt_charge", purchase, "pi_of_evt_less", 4'000, 4'000));
  say(intent_succeeded("evt_less", purchase, 4'000));
  EXPECT_TRUE(at.becomes(purchase, "canceled")) << at.status_of(purchase);
  EXPECT_EQ(409, accept(purchase, "none").status());
  say(intent_succeeded("evt_right", purchase, 5'000));
  EXPECT_TRUE(at.becomes(purchase, "completed")) << at.status_of(purchase);
  EXPECT_TRUE(is_quiet());
  EXPECT_EQ("completed", at.status_of(purchase));
  EXPECT_EQ(1000, at.available());
}

} // namespace tessera::test
