// What is answered when the database, or the payment provider, goes away in the middle of a payment.
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
    sql("CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$");
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
  void sql(const std::string& statement) const { service.cluster().query(service.database(), statement); }
  /// The server ends the session of whoever changes that table, in the very commit.
  void lose_commits_of(const std::string& table) const {
    sql("CREATE CONSTRAINT TRIGGER ends_session AFTER INSERT OR UPDATE OR DELETE ON " + table +
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session()");
  }
  void keep_commits_of(const std::string& table) const { sql("DROP TRIGGER ends_session ON " + table); }
  /// One of a few calls: the first one may meet a connection that is still being made.
  template <class Call> static void expect_unknown(Call call) {
    std::string heard;
    for (int i = 0; i < 3 && heard != "outcome_unknown"; ++i)
      heard = code_of(call());
    EXPECT_EQ("outcome_unknown", heard);
  }
  static std::string code_of(const http_exchange& answer) { return text_at(answer.response.body, "/code"); }

  paysim provider;
  mutable tessera_service service;
  std::string key;
};

} // namespace

TEST_F(PaymentFailuresTest, WhatMayHaveBeenCommittedIsUnknown) {
  lose_commits_of("payment_methods");
  int keys = 0;
  expect_unknown([&] { return attach("pm_card_visa", "lost-" + std::to_string(++keys)); });
  keep_commits_of("payment_methods");
  const auto kept = attach("pm_card_visa", "kept");
  ASSERT_EQ(201, kept.status()) << kept.response.body;

  lose_commits_of("payment_methods");
  const auto method = text_at(kept.response.body, "/paymentMethod/paymentMethodId");
  expect_unknown([&] { return client().remove(std::string(methods_route) + "/" + method); });
  keep_commits_of("payment_methods");
  EXPECT_EQ(200, client().remove(std::string(methods_route) + "/" + method).status());

  const auto invoice = invoice_to_mark();
  lose_commits_of("credit_purchases");
  expect_unknown([&] { return mark(invoice); });
  keep_commits_of("credit_purchases");
  EXPECT_EQ(200, mark(invoice).status());

  lose_commits_of("provider_events");
  expect_unknown([&] { return tell("evt_1"); });
  keep_commits_of("provider_events");
  EXPECT_EQ(200, tell("evt_1").status());
}

TEST_F(PaymentFailuresTest, WhatIsPaidAndNotYetBookedIsPending) {
  const auto invoice = invoice_to_mark();
  lose_commits_of("credit_entries");
  const auto marked = mark(invoice);
  EXPECT_EQ(202, marked.status()) << marked.response.body;
  EXPECT_EQ("pending", text_at(marked.response.body, "/status"));
  keep_commits_of("credit_entries");
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
