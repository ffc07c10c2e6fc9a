// What is answered when the database, or the payment provider, goes away in the middle of a payment.
#include "tests/api/lost_commits.hpp"
#include "tests/support/json.hpp"
#include "tests/support/paysim.hpp"
#include "tests/support/tessera_service.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

namespace {

constexpr auto methods_route = "/api/credits/payment-methods";

/// acme sells org-1 a package, and is paid by the sandbox.
class PaymentFailuresTest : public testing::Test {
protected:
  PaymentFailuresTest() : service({.environment = provider.settings()}) {
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    key = service.create_api_key("acme", {"credits:read", "credits:purchase", "directory:write"});
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
  }

  http_client client() const {
    auto made = service.client(key);
    made.set_header("X-Application", "crm");
    made.set_timeout(milliseconds{30'000});
    return made;
  }
  http_exchange attach(const std::string& method, const std::string& idempotency_key) const {
    return client().post(
        methods_route,
        R"({"entityType":"organization","entityId":"org-1","paymentMethodId":")" + method + "\"}",
        {{"Idempotency-Key", idempotency_key}}
    );
  }
  /// Where an invoice of a new purchase is marked as paid.
  std::string invoice_to_mark() const {
    const auto begun = client().post(
        "/api/credits/purchase",
        R"({"entityType":"organization","entityId":"org-1","packageId":"thousand","paymentMethod":"invoice"})"
    );
    EXPECT_EQ(202, begun.status()) << begun.response.body;
    return "/api/credits/purchases/" + text_at(begun.response.body, "/purchaseId") + "/mark-paid";
  }
  http_exchange mark(const std::string& route) const {
    auto seller = service.operator_client();
    seller.set_header("X-Tenant", "acme");
    seller.set_timeout(milliseconds{30'000});
    return seller.post(route, "{}");
  }
  http_exchange tell(const std::string& event) const {
    const auto body = R"({"id":")" + event + R"(","type":"payment_intent.succeeded","data":{"object":{}}})";
    auto stranger = service.client();
    stranger.set_timeout(milliseconds{30'000});
    return stranger.post("/webhooks/stripe", body, {{"Stripe-Signature", paysim::signature_of(body)}});
  }
  /// While those of the table get lost.
  template <class Call> void expect_unknown(const std::string& table, Call call) const {
    lost_commits(service, {table}).expect_unknown(call);
  }
  static std::string code_of(const http_exchange& answer) { return text_at(answer.response.body, "/code"); }

  paysim provider;
  mutable tessera_service service;
  std::string key;
};

} // namespace

TEST_F(PaymentFailuresTest, WhatMayHaveBeenCommittedIsUnknown) {
  int keys = 0;
  expect_unknown("payment_methods", [&] { return attach("pm_card_visa", "lost-" + std::to_string(++keys)); });
  const auto kept = answer_after_all([&] { return attach("pm_card_visa", "kept"); });
  ASSERT_EQ(201, kept.status()) << kept.response.body;

  const auto method =
      std::string(methods_route) + "/" + text_at(kept.response.body, "/paymentMethod/paymentMethodId");
  expect_unknown("payment_methods", [&] { return client().remove(method); });
  EXPECT_EQ(200, answer_after_all([&] { return client().remove(method); }).status());

  const auto invoice = invoice_to_mark();
  expect_unknown("credit_purchases", [&] { return mark(invoice); });
  EXPECT_EQ(200, answer_after_all([&] { return mark(invoice); }).status());

  expect_unknown("provider_events", [&] { return tell("evt_1"); });
  EXPECT_EQ(200, answer_after_all([&] { return tell("evt_1"); }).status());
}

TEST_F(PaymentFailuresTest, WhatIsPaidAndNotYetBookedIsPending) {
  const auto invoice = invoice_to_mark();
  {
    const lost_commits lost(service, {"credit_entries"});
    const auto marked = mark(invoice);
    EXPECT_EQ(202, marked.status()) << marked.response.body;
    EXPECT_EQ("pending", text_at(marked.response.body, "/status"));
  }
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] { return mark(invoice).status() == 200; }));
}

TEST_F(PaymentFailuresTest, AnEventThatCanNotBeKeptIsToBeToldAgain) {
  service.cluster().pause();
  EXPECT_EQ("database_unavailable", code_of(tell("evt_1")));
  service.cluster().resume();
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] { return tell("evt_1").status() == 200; }));
}

TEST_F(PaymentFailuresTest, AMethodIsKeptWhenTheProviderAnswers) {
  provider.control("/failures", "times=1000&status=503");
  const auto refused = attach("pm_card_visa", "away");
  EXPECT_EQ(503, refused.status());
  EXPECT_EQ("payment_provider_unavailable", code_of(refused));
  provider.mend();
  EXPECT_EQ(201, attach("pm_card_visa", "away").status());
}

TEST_F(PaymentFailuresTest, AKeyIsOfOneMethod) {
  EXPECT_EQ(201, attach("pm_card_visa", "one").status());
  EXPECT_EQ(201, attach("pm_card_visa", "one").status());
  EXPECT_EQ("idempotency_key_reused", code_of(attach("pm_card_mastercard", "one")));
}

} // namespace tessera::test
