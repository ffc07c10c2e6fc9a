// Purchases that are paid with money, against the payment sandbox.
#include "tests/api/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace tessera::test {

namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class PaymentsTest : public testing::Test {
protected:
  shop at;
};

} // namespace

// The brief's purchase: the organisation has a saved card.
TEST_F(PaymentsTest, ASavedCardPaysAtOnce) {
  ASSERT_EQ(201, at.save("pm_card_visa").status());
  const auto bought = at.buy(shop::order());
  ASSERT_EQ(201, bought.status()) << bought.response.body;
  EXPECT_EQ("completed", text_at(bought.response.body, "/status"));
  EXPECT_EQ(1000, number_at(bought.response.body, "/creditsAdded"));
  EXPECT_EQ(1000, number_at(bought.response.body, "/newBalance"));
  EXPECT_EQ("completed", at.status_of(text_at(bought.response.body, "/purchaseId")));
  // The location is below: it pays with the organisation's card.
  const auto below =
      at.buy(shop::order("thousand", "stripe", R"("entityType":"location","entityId":"loc-1")"));
  EXPECT_EQ(201, below.status()) << below.response.body;
}

TEST_F(PaymentsTest, TheProviderIsToldThePriceOfThePackageAndWhoseItIs) {
  at.save("pm_card_visa");
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  const auto intent = at.provider.call("/v1/payment_intents/" + at.payment_of(purchase)).response.body;
  EXPECT_EQ(5000, number_at(intent, "/amount"));
  EXPECT_EQ("usd", text_at(intent, "/currency"));
  EXPECT_EQ(purchase, text_at(intent, "/metadata/purchaseId"));
  EXPECT_EQ("acme", text_at(intent, "/metadata/tenantId"));
}

TEST_F(PaymentsTest, TheSameKeyPaysOnce) {
  at.save("pm_card_visa");
  const auto first = at.buy(shop::order(), "one");
  const auto again = at.buy(shop::order(), "one");
  EXPECT_EQ(201, again.status());
  EXPECT_EQ(first.response.body, again.response.body);
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, ADeclinedCardIsToldForPeopleAndRemembered) {
  ASSERT_EQ(201, at.save("pm_card_chargeCustomerFail").status());
  for (const bool again : {false, true}) {
    const auto refused = at.buy(shop::order(), "declined");
    EXPECT_EQ(402, refused.status()) << refused.response.body;
    EXPECT_EQ("payment_declined", text_at(refused.response.body, "/code"));
    EXPECT_THAT(text_at(refused.response.body, "/detail"), HasSubstr("Use another card"));
    EXPECT_THAT(text_at(refused.response.body, "/purchaseId"), StartsWith("pur-"));
    EXPECT_EQ(again ? "true" : "", refused.response.header("idempotent-replayed"));
    EXPECT_EQ("failed", at.status_of(text_at(refused.response.body, "/purchaseId")));
  }
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, WithoutACardThePayerGoesToAPage) {
  const auto begun = at.buy(shop::order(), "page");
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  const auto page = text_at(begun.response.body, "/checkoutUrl");
  EXPECT_EQ("pending", text_at(begun.response.body, "/status"));
  EXPECT_EQ(0, number_at(begun.response.body, "/creditsAdded"));
  ASSERT_THAT(page, StartsWith(at.provider.base_url()));
  EXPECT_EQ(0, at.available());
  const auto again = at.buy(shop::order(), "page");
  EXPECT_EQ(page, text_at(again.response.body, "/checkoutUrl"));

  at.provider.pay_page(page, "action=pay");
  ASSERT_TRUE(at.becomes(purchase, "completed")) << at.status_of(purchase);
  EXPECT_EQ(1000, at.available());
  EXPECT_EQ(201, at.buy(shop::order(), "page").status());
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, WhatIsDeclinedOnAPageCanBePaidOnItLater) {
  const auto begun = at.buy(shop::order());
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  const auto page = text_at(begun.response.body, "/checkoutUrl");
  at.provider.pay_page(page, "action=decline");
  ASSERT_TRUE(wait_until(patience, [&] { return at.events_in("applied") != "0"; }));
  EXPECT_EQ("pending", at.status_of(purchase));
  at.provider.pay_page(page, "action=pay");
  EXPECT_TRUE(at.becomes(purchase, "completed"));
}

TEST_F(PaymentsTest, WhatTakesItsTimeIsPendingUntilItSucceedsOrFails) {
  const auto good = at.buy(shop::order());
  const auto bad = at.buy(shop::order());
  at.provider.pay_page(text_at(good.response.body, "/checkoutUrl"), "action=pay_later");
  at.provider.pay_page(text_at(bad.response.body, "/checkoutUrl"), "action=pay_later_fails");
  EXPECT_EQ("pending", at.status_of(text_at(good.response.body, "/purchaseId")));
  at.provider.control("/clock", "advance_seconds=60");
  EXPECT_TRUE(at.becomes(text_at(good.response.body, "/purchaseId"), "completed"));
  EXPECT_TRUE(at.becomes(text_at(bad.response.body, "/purchaseId"), "failed"));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, APageThatNobodyPaysOnExpires) {
  const auto begun = at.buy(shop::order());
  at.provider.control("/clock", "advance_seconds=90000");
  EXPECT_TRUE(at.becomes(text_at(begun.response.body, "/purchaseId"), "expired"));
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, ACardThatWantsThePayerLeadsToAPage) {
  ASSERT_EQ(201, at.save("pm_card_authenticationRequired").status());
  const auto begun = at.buy(shop::order());
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  EXPECT_THAT(text_at(begun.response.body, "/checkoutUrl"), StartsWith("http"));
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, TheAttemptThatAPageFollowsCanNotBePaidBesideIt) {
  ASSERT_EQ(201, at.save("pm_card_authenticationRequired").status());
  const auto begun = at.buy(shop::order());
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  EXPECT_EQ("", text_at(begun.response.body, "/clientSecret"));
  const auto attempts = at.provider.call("/v1/payment_intents").response.body;
  EXPECT_THAT(attempts, HasSubstr("abandoned"));
  EXPECT_TRUE(wait_until(patience, [&] { return at.events_in("waiting") == "0"; }));
  EXPECT_EQ("pending", at.status_of(text_at(begun.response.body, "/purchaseId")));
  at.provider.pay_page(text_at(begun.response.body, "/checkoutUrl"), "action=pay");
  EXPECT_TRUE(at.becomes(text_at(begun.response.body, "/purchaseId"), "completed"));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, WhoIsAskedAgainIsAskedTheSame) {
  const auto first = text_at(at.save("pm_card_visa").response.body, "/paymentMethod/paymentMethodId");
  at.provider.control("/failures", "times=1000&status=503");
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  at.provider.mend();
  EXPECT_EQ(201, at.save("pm_card_mastercard").status()); // pays from now on, but not for this
  at.service.cluster().query(
      at.service.database(), "UPDATE credit_purchases SET next_check_at = clock_timestamp()"
  );
  EXPECT_TRUE(at.becomes(purchase, "completed"));
  const auto all = at.provider.call("/v1/payment_intents").response.body;
  EXPECT_EQ(1u, size_at(all, "/data")) << all;
  EXPECT_EQ(first, text_at(all, "/data/0/payment_method"));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, WhenTheProviderIsDownThePurchaseGoesOnByItself) {
  at.save("pm_card_visa");
  at.provider.control("/failures", "times=1000&status=503");
  const auto begun = at.buy(shop::order());
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  EXPECT_THAT(text_at(begun.response.body, "/message"), HasSubstr("does not answer"));
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  EXPECT_EQ("pending", at.status_of(purchase));
  at.provider.mend();
  // Whoever looks after it waits half a minute for the first call; an operator need not.
  at.service.cluster().query(
      at.service.database(), "UPDATE credit_purchases SET next_check_at = clock_timestamp()"
  );
  EXPECT_TRUE(at.becomes(purchase, "completed"));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, AnAnswerThatIsLostPaysOnce) {
  at.save("pm_card_visa");
  at.provider.control("/failures", "path=/v1/payment_intents&effect=true&status=500&saved=false&times=1");
  const auto bought = at.buy(shop::order());
  EXPECT_THAT(bought.status(), AnyOf(201, 202)) << bought.response.body;
  EXPECT_TRUE(at.becomes(text_at(bought.response.body, "/purchaseId"), "completed"));
  EXPECT_EQ(1000, at.available());
  const auto all = at.provider.call("/v1/payment_intents").response.body;
  EXPECT_EQ(1u, size_at(all, "/data")) << all;
}

TEST_F(PaymentsTest, ALostWebhookLosesNoMoney) {
  at.provider.control("/webhooks", "drop=1000");
  const auto begun = at.buy(shop::order());
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  at.provider.pay_page(text_at(begun.response.body, "/checkoutUrl"), "action=pay");
  EXPECT_TRUE(at.becomes(purchase, "completed")); // somebody asked
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, AnInvoiceIsSettledByTheOperatorOnce) {
  const auto begun = at.buy(shop::order("thousand", "invoice"));
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  const auto route = "/api/credits/purchases/" + text_at(begun.response.body, "/purchaseId") + "/mark-paid";
  EXPECT_EQ(0, at.available());
  EXPECT_EQ(403, at.client().post(route, "{}").status());
  for (int i = 0; i < 2; ++i) {
    const auto paid = at.seller().post(route, R"({"reference":"transfer"})");
    EXPECT_EQ(200, paid.status()) << paid.response.body;
    EXPECT_EQ(1000, number_at(paid.response.body, "/creditsAdded"));
  }
  EXPECT_EQ(1000, at.available());
  // With a key the first answer is repeated, and the key is of this call only.
  const auto next = at.buy(shop::order("thousand", "invoice"));
  const auto other = "/api/credits/purchases/" + text_at(next.response.body, "/purchaseId") + "/mark-paid";
  const http_request call{"POST", other, {{"Idempotency-Key", "paid"}}, R"({"reference":"transfer"})"};
  for (const bool again : {false, true}) {
    const auto paid = at.seller().send(call);
    EXPECT_EQ(200, paid.status()) << paid.response.body;
    EXPECT_EQ(again ? "true" : "", paid.response.header("idempotent-replayed"));
  }
  EXPECT_EQ(422, at.seller().send({"POST", other, {{"Idempotency-Key", "paid"}}, "{}"}).status());
  EXPECT_EQ(2000, at.available());
  EXPECT_EQ(
      "transfer,transfer",
      at.service.cluster().query(
          at.service.database(), "SELECT string_agg(settled_reference, ',') FROM credit_purchases"
      )
  );
}

TEST_F(PaymentsTest, AMethodThatIsKeptAlreadyCanPayFromNowOn) {
  const auto visa = text_at(at.save("pm_card_visa").response.body, "/paymentMethod/paymentMethodId");
  at.save("pm_card_mastercard");
  const auto again = at.save(visa);
  ASSERT_EQ(201, again.status()) << again.response.body;
  EXPECT_TRUE(truth_at(again.response.body, "/paymentMethod/default"));
  EXPECT_EQ(
      "1",
      at.service.cluster().query(
          at.service.database(), "SELECT count(*) FROM payment_methods WHERE is_default"
      )
  );
}

TEST_F(PaymentsTest, MethodsAreKeptListedAndLetGo) {
  const auto kept = at.save("pm_card_visa");
  ASSERT_EQ(201, kept.status()) << kept.response.body;
  EXPECT_EQ("4242", text_at(kept.response.body, "/paymentMethod/last4"));
  at.save("pm_card_mastercard");
  const auto list_route = "/api/credits/payment-methods?entityType=organization&entityId=org-1";
  const auto list = at.client().get(list_route).response.body;
  EXPECT_EQ("mastercard", text_at(list, "/paymentMethods/0/brand"));
  EXPECT_TRUE(truth_at(list, "/paymentMethods/0/default"));
  EXPECT_FALSE(truth_at(list, "/paymentMethods/1/default"));
  const auto gone = text_at(list, "/paymentMethods/0/paymentMethodId");
  EXPECT_EQ(200, at.client().remove("/api/credits/payment-methods/" + gone).status());
  EXPECT_EQ(404, at.client().remove("/api/credits/payment-methods/" + gone).status());
  const auto left = at.client().get(list_route).response.body;
  EXPECT_TRUE(truth_at(left, "/paymentMethods/0/default"));
  // With a key the first answer is repeated though the method is gone.
  const http_request call{
      "DELETE",
      "/api/credits/payment-methods/" + text_at(left, "/paymentMethods/0/paymentMethodId"),
      {{"Idempotency-Key", "gone"}},
      {}};
  for (const bool again : {false, true}) {
    const auto removed = at.client().send(call);
    EXPECT_EQ(200, removed.status()) << removed.response.body;
    EXPECT_EQ(again ? "true" : "", removed.response.header("idempotent-replayed"));
  }
  auto other = call;
  other.target = "/api/credits/payment-methods/" +
                 text_at(at.save("pm_card_visa").response.body, "/paymentMethod/paymentMethodId");
  EXPECT_EQ("idempotency_key_reused", text_at(at.client().send(other).response.body, "/code"));
  const auto refused = at.save("pm_card_visa_chargeDeclined");
  EXPECT_EQ(402, refused.status()) << refused.response.body;
  EXPECT_EQ(404, at.save("pm_nothing").status());
}

// What comes in by itself.

namespace {

std::string succeeded(
    const std::string& event,
    const std::string& purchase,
    const std::string& amount,
    const std::string& tenant = "acme"
) {
  return R"({"id":")" + event +
         R"(","type":"payment_intent.succeeded","livemode":false,"data":{"object":{"id":"pi_)" + event +
         R"(","status":"succeeded","currency":"usd","amount":)" + amount + R"(,"amount_received":)" + amount +
         R"(,"metadata":{"purchaseId":")" + purchase + R"(","tenantId":")" + tenant + "\"}}}}";
}

} // namespace

TEST_F(PaymentsTest, TheSameEventFromManyAddsCreditsOnce) {
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  const auto event = succeeded("evt_many", purchase, "5000");
  std::vector<std::thread> clients;
  std::atomic<int> taken{0};
  for (int client = 0; client < 8; ++client)
    clients.emplace_back([&] {
      for (int i = 0; i < 13; ++i)
        if (post_event(at, event).status() == 200) ++taken;
    });
  for (auto& each : clients)
    each.join();
  EXPECT_EQ(8 * 13, taken);
  EXPECT_TRUE(at.becomes(purchase, "completed"));
  EXPECT_EQ(1000, at.available());
  EXPECT_EQ("1", at.events_in("applied"));
}

// Nobody is to pay on the page as well.
TEST_F(PaymentsTest, APageIsEndedWhenSomethingElseHasPaid) {
  const auto begun = at.buy(shop::order());
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  const auto sessions = [&] { return at.provider.call("/v1/checkout/sessions").response.body; };
  EXPECT_EQ("open", text_at(sessions(), "/data/0/status"));
  EXPECT_EQ(200, post_event(at, succeeded("evt_other", purchase, "5000")).status());
  EXPECT_TRUE(at.becomes(purchase, "completed"));
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(sessions(), "/data/0/status") == "expired"; }));
  const auto is_at_rest = [&] {
    return at.service.cluster().query(
               at.service.database(),
               "SELECT checkout_url = '' AND next_check_at IS NULL FROM credit_purchases"
           ) == "t";
  };
  EXPECT_TRUE(wait_until(patience, is_at_rest));
  EXPECT_EQ("completed", at.status_of(purchase));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, WhatContradictsThePurchaseIsKeptApart) {
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  EXPECT_EQ(200, post_event(at, succeeded("evt_1", purchase, "4999")).status());
  EXPECT_EQ(200, post_event(at, succeeded("evt_2", "pur-nothing", "5000")).status());
  EXPECT_EQ(200, post_event(at, succeeded("evt_3", purchase, "5000", "other")).status());
  EXPECT_EQ(200, post_event(at, succeeded("evt_0", purchase, "5000", "")).status());
  auto live = succeeded("evt_4", purchase, "5000");
  live.replace(live.find("false"), 5, "true");
  EXPECT_EQ(200, post_event(at, live).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.events_in("quarantined") == "5"; }));
  EXPECT_EQ("review", at.status_of(purchase));
  EXPECT_EQ(0, at.available());
  EXPECT_EQ(200, post_event(at, R"({"id":"evt_5","type":"customer.created","data":{"object":{}}})").status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.events_in("ignored") == "1"; }));
}

TEST_F(PaymentsTest, APurchaseThatIsOverIsNotAcceptedAgain) {
  const auto begun = at.buy(shop::order(), "once");
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  const auto purchase = text_at(begun.response.body, "/purchaseId");
  EXPECT_EQ(200, post_event(at, succeeded("evt_less", purchase, "4999")).status());
  ASSERT_TRUE(at.becomes(purchase, "review"));
  const auto again = at.buy(shop::order(), "once");
  EXPECT_EQ(422, again.status()) << again.response.body;
  EXPECT_EQ("purchase_failed", text_at(again.response.body, "/code"));
  EXPECT_EQ("", text_at(again.response.body, "/checkoutUrl"));
}

TEST_F(PaymentsTest, WhatAPayerNamesIsNotBelieved) {
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  const auto body =
      R"({"id":"evt_link","type":"checkout.session.completed","livemode":false,"data":{"object":{"id":"cs_link",)"
      R"("payment_status":"paid","amount_total":5000,"currency":"usd","client_reference_id":")" +
      purchase + R"(","metadata":{}}}})";
  EXPECT_EQ(200, post_event(at, body).status());
  EXPECT_TRUE(wait_until(patience, [&] {
    return at.service.cluster().query(
               at.service.database(), "SELECT attempts > 0 FROM provider_events WHERE event_id = 'evt_link'"
           ) == "t";
  }));
  EXPECT_EQ("pending", at.status_of(purchase));
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, WhatIsNotSignedIsNothing) {
  auto client = at.service.client();
  const std::string body = R"({"id":"evt_1","type":"payment_intent.succeeded"})";
  const auto good = paysim::signature_of(body);
  for (const auto& header : {std::string(), std::string("t=1,v1=00"), good.substr(0, good.size() - 1) + "g"})
    EXPECT_EQ(
        "invalid_signature",
        text_at(client.post("/webhooks/stripe", body, {{"Stripe-Signature", header}}).response.body, "/code")
    );
  EXPECT_EQ(400, client.post("/webhooks/stripe", body + " ", {{"Stripe-Signature", good}}).status());
  EXPECT_EQ("event_unreadable", text_at(post_event(at, "[]").response.body, "/code"));
  EXPECT_EQ(413, at.service.client().post("/webhooks/stripe", std::string(1 << 20, 'x')).status());
}

// Money that goes back.

namespace {

struct refunds_of {
  const shop& at;
  std::string purchase;

  http_exchange ask(const std::string& body, const std::string& key = {}) const {
    auto seller = at.seller();
    seller.set_timeout(patience);
    const auto route = "/api/credits/purchases/" + purchase + "/refund";
    return key.empty() ? seller.post(route, body) : seller.post(route, body, {{"Idempotency-Key", key}});
  }
  std::int64_t refunded_minor() const {
    const auto intent = at.provider.call("/v1/payment_intents/" + at.payment_of(purchase)).response.body;
    const auto charge = at.provider.call("/v1/charges/" + text_at(intent, "/latest_charge")).response.body;
    return number_at(charge, "/amount_refunded");
  }
  std::int64_t units(const std::string& name) const {
    return number_at(
        at.client().get("/api/credits/purchases/" + purchase).response.body, ("/units/" + name).c_str()
    );
  }
};

} // namespace

TEST_F(PaymentsTest, RefundsInPartsGiveBackExactlyWhatWasPaid) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order("three")).response.body, "/purchaseId")};
  const auto first = refund.ask(R"({"credits":1,"reason":"a part"})", "first");
  ASSERT_EQ(201, first.status()) << first.response.body;
  EXPECT_EQ("succeeded", text_at(first.response.body, "/status"));
  EXPECT_EQ(33, number_at(first.response.body, "/amountMinor"));
  EXPECT_EQ(2, number_at(first.response.body, "/newBalance"));
  EXPECT_EQ(33, refund.refunded_minor());
  EXPECT_EQ("partially_refunded", at.status_of(refund.purchase));
  const auto again = refund.ask(R"({"credits":1,"reason":"a part"})", "first");
  EXPECT_EQ(201, again.status());
  EXPECT_EQ("", first.response.header("idempotent-replayed"));
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(text_at(first.response.body, "/refundId"), text_at(again.response.body, "/refundId"));
  EXPECT_EQ(201, refund.ask(R"({"reason":"the rest"})").status());
  EXPECT_EQ(100, refund.refunded_minor());
  EXPECT_EQ("refunded", at.status_of(refund.purchase));
  EXPECT_EQ(0, at.available());
  EXPECT_EQ(409, refund.ask(R"({"reason":"once more"})").status());
  EXPECT_EQ(0, refund.units("clawed"));
}

TEST_F(PaymentsTest, WhatWasSpentIsNotRefunded) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  auto spender = at.client();
  spender.post("/api/credits/consume", R"({"entityType":"organization","entityId":"org-1","credits":400})");
  const auto refused = refund.ask(R"({"credits":601,"reason":"too much"})");
  EXPECT_EQ(402, refused.status()) << refused.response.body;
  EXPECT_EQ(600, number_at(refused.response.body, "/wouldAllow"));
  EXPECT_EQ(201, refund.ask(R"({"reason":"what is left"})").status());
  EXPECT_EQ(3000, refund.refunded_minor());
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, UnitsThatWereAllocatedComeBackForARefund) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  const auto moved = at.client().post(
      "/api/credits/allocate",
      R"({"fromEntityType":"organization","fromEntityId":"org-1","allocations":[{"toEntityType":"location","toEntityId":"loc-1","credits":700}]})"
  );
  ASSERT_EQ(200, moved.status()) << moved.response.body;
  EXPECT_EQ(402, refund.ask(R"({"credits":1000,"reason":"all"})").status());
  const auto all = refund.ask(R"({"credits":1000,"recall":true,"reason":"all"})");
  EXPECT_EQ(201, all.status()) << all.response.body;
  EXPECT_EQ(5000, refund.refunded_minor());
  EXPECT_EQ(1000, refund.units("refunded"));
}

TEST_F(PaymentsTest, ARefundAtTheProviderClawsBackWhatIsThereAndTheRestIsOwed) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  at.client().post(
      "/api/credits/consume", R"({"entityType":"organization","entityId":"org-1","credits":400})"
  );
  at.provider.control("/refunds", "payment_intent=" + at.payment_of(refund.purchase) + "&amount=2500");
  EXPECT_TRUE(at.becomes(refund.purchase, "partially_refunded"));
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 100; })) << at.available();
  at.provider.control("/refunds", "payment_intent=" + at.payment_of(refund.purchase));
  EXPECT_TRUE(at.becomes(refund.purchase, "refunded"));
  const auto balance = [&] {
    return at.client().get("/api/credits/balance/organization/org-1").response.body;
  };
  EXPECT_TRUE(wait_until(patience, [&] { return number_at(balance(), "/debt") == 400; })) << balance();
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, ADisputeHoldsWhatIsFreeUntilItIsWon) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  const auto opened =
      at.provider.control("/disputes", "payment_intent=" + at.payment_of(refund.purchase)).response.body;
  EXPECT_TRUE(at.becomes(refund.purchase, "disputed"));
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 0; }));
  at.provider.control("/disputes/" + text_at(opened, "/id") + "/close", "outcome=won");
  EXPECT_TRUE(at.becomes(refund.purchase, "completed"));
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; })) << at.available();
}

TEST_F(PaymentsTest, ADisputeThatIsTakenBackLetsThemGo) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  const auto event = [&](const std::string& id, const std::string& type, const std::string& status) {
    return R"({"id":")" + id + R"(","type":"charge.dispute.)" + type +
           R"(","livemode":false,"data":{"object":{"id":"dp_1","payment_intent":")" +
           at.payment_of(refund.purchase) + R"(","amount":5000,"currency":"usd","status":")" + status +
           R"("}}})";
  };
  EXPECT_EQ(200, post_event(at, event("evt_q", "created", "warning_needs_response")).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.events_in("waiting") == "0"; }));
  EXPECT_EQ(1000, at.available()); // a question holds nothing
  EXPECT_EQ(200, post_event(at, event("evt_o", "updated", "needs_response")).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 0; })) << at.available();
  EXPECT_EQ(200, post_event(at, event("evt_c", "closed", "warning_closed")).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; })) << at.available();
  EXPECT_TRUE(at.becomes(refund.purchase, "completed"));
}

TEST_F(PaymentsTest, ALostDisputeTakesThemForGood) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  at.client().post(
      "/api/credits/consume", R"({"entityType":"organization","entityId":"org-1","credits":100})"
  );
  const auto opened =
      at.provider.control("/disputes", "payment_intent=" + at.payment_of(refund.purchase)).response.body;
  EXPECT_TRUE(at.becomes(refund.purchase, "disputed"));
  at.provider.control("/disputes/" + text_at(opened, "/id") + "/close", "outcome=lost");
  EXPECT_TRUE(at.becomes(refund.purchase, "charged_back"));
  const auto balance = [&] {
    return at.client().get("/api/credits/balance/organization/org-1").response.body;
  };
  EXPECT_TRUE(wait_until(patience, [&] { return number_at(balance(), "/debt") == 100; })) << balance();
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, ALostDisputeTakesWhatWasAllocatedOnward) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  const auto moved = at.client().post(
      "/api/credits/allocate",
      R"({"fromEntityType":"organization","fromEntityId":"org-1","allocations":[{"toEntityType":"location","toEntityId":"loc-1","credits":1000}]})"
  );
  ASSERT_EQ(200, moved.status()) << moved.response.body;
  const auto opened =
      at.provider.control("/disputes", "payment_intent=" + at.payment_of(refund.purchase)).response.body;
  const auto number_of = [&](const std::string& entity, const char* field) {
    return number_at(at.client().get("/api/credits/balance/" + entity).response.body, field);
  };
  EXPECT_TRUE(wait_until(patience, [&] { return number_of("location/loc-1", "/availableCredits") == 0; }));
  at.provider.control("/disputes/" + text_at(opened, "/id") + "/close", "outcome=lost");
  EXPECT_TRUE(at.becomes(refund.purchase, "charged_back"));
  EXPECT_TRUE(wait_until(patience, [&] { return refund.units("clawed") == 1000; }));
  EXPECT_EQ(0, number_of("location/loc-1", "/availableCredits"));
  EXPECT_EQ(0, number_of("organization/org-1", "/debt"));
  EXPECT_EQ(0, at.available());
}

TEST_F(PaymentsTest, WhatIsReinstatedAfterItWasLostComesBackOnce) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  const auto payment = at.payment_of(refund.purchase);
  const auto opened = at.provider.control("/disputes", "payment_intent=" + payment).response.body;
  EXPECT_TRUE(at.becomes(refund.purchase, "disputed"));
  const auto dispute = text_at(opened, "/id");
  at.provider.control("/disputes/" + dispute + "/close", "outcome=lost");
  EXPECT_TRUE(wait_until(patience, [&] { return refund.units("clawed") == 1000; }));
  const auto back = R"({"id":"evt_back","type":"charge.dispute.funds_reinstated","livemode":false,"data":{)"
                    R"("object":{"id":")" +
                    dispute + R"(","payment_intent":")" + payment +
                    R"(","amount":5000,"currency":"usd","status":"lost"}}})";
  EXPECT_EQ(200, post_event(at, back).status());
  EXPECT_TRUE(at.becomes(refund.purchase, "completed"));
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; })) << at.available();
  // Nobody has to look after it any more, so nothing else comes.
  EXPECT_TRUE(wait_until(patience, [&] {
    return at.service.cluster().query(
               at.service.database(),
               "SELECT next_check_at IS NULL FROM credit_purchases WHERE purchase_id = '" + refund.purchase +
                   "'"
           ) == "t";
  }));
  EXPECT_EQ(1000, at.available());
}

TEST_F(PaymentsTest, ARefundThatFailsLaterGivesTheUnitsBack) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  const auto made = refund.ask(R"({"credits":400,"reason":"a part"})");
  ASSERT_EQ(201, made.status()) << made.response.body;
  const auto object = at.service.cluster().query(
      at.service.database(),
      "SELECT provider_refund_id FROM credit_refunds WHERE refund_id = '" +
          text_at(made.response.body, "/refundId") + "'"
  );
  const auto event = [&](const std::string& id, const std::string& status) {
    return R"({"id":")" + id + R"(","type":"refund.updated","livemode":false,"data":{"object":{"id":")" +
           object + R"(","payment_intent":")" + at.payment_of(refund.purchase) +
           R"(","amount":2000,"currency":"usd","status":")" + status + R"("}}})";
  };
  EXPECT_EQ(200, post_event(at, event("evt_f", "failed")).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; })) << at.available();
  EXPECT_EQ(200, post_event(at, event("evt_s", "succeeded")).status()); // of before
  EXPECT_TRUE(wait_until(patience, [&] { return at.events_in("waiting") == "0"; }));
  EXPECT_TRUE(at.becomes(refund.purchase, "completed"));
  EXPECT_EQ(1000, at.available());
}

// The provider has forgotten the key by then: the same question would be another refund.
TEST_F(PaymentsTest, ARefundThatNobodyHeardOfForADayIsOnlyLookedFor) {
  at.save("pm_card_visa");
  const refunds_of refund{at, text_at(at.buy(shop::order()).response.body, "/purchaseId")};
  at.provider.control("/failures", "path=/v1/refunds&times=1000&status=503");
  const auto begun = refund.ask(R"({"credits":400,"reason":"a part"})");
  ASSERT_EQ(202, begun.status()) << begun.response.body;
  EXPECT_EQ(600, at.available());
  at.provider.mend();
  at.service.cluster().query(
      at.service.database(), "UPDATE credit_refunds SET created_at = created_at - interval '1 day'"
  );
  at.service.cluster().query(
      at.service.database(), "UPDATE credit_purchases SET next_check_at = clock_timestamp()"
  );
  EXPECT_TRUE(wait_until(patience, [&] {
    return at.service.cluster().query(
               at.service.database(), "SELECT state || ' ' || failure_code FROM credit_refunds"
           ) == "failed refund_not_made";
  }));
  EXPECT_EQ(1000, at.available());
  EXPECT_EQ(0u, size_at(at.provider.call("/v1/refunds").response.body, "/data"));
}

} // namespace tessera::test
