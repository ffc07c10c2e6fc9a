// Plans: credits that come each month, what is paid for them, and what they limit.
#include "tests/api/shop.hpp"
#include "tests/api/stripe_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

class PlansApiTest : public testing::Test {
protected:
  http_exchange put_on(const std::string& plan) const {
    return at.seller().put("/api/tenants/acme", R"({"plan":")" + plan + "\"}");
  }
  std::string standing() const { return at.client().get("/api/plans").response.body; }
  bool becomes(const std::string& state) const {
    return wait_until(patience, [&] { return text_at(standing(), "/current/state") == state; });
  }
  std::int64_t balance() const {
    return number_at(at.client().get("/api/credits/balance/tenant/acme").response.body, "/availableCredits");
  }
  http_exchange save(const std::string& card) const {
    return at.client().post(
        "/api/credits/payment-methods",
        R"({"entityType":"tenant","entityId":"acme","paymentMethodId":")" + card + "\"}"
    );
  }
  std::string row(const std::string& sql) const {
    return at.service.cluster().query(at.service.database(), sql);
  }
  /// A month later, as far as the plan goes. Its credits are still there: only PostgreSQL believes it.
  void a_month_passes() const {
    row("UPDATE tenant_plans SET anchor = anchor - interval '1 month', period_start = period_start - "
        "interval '1 "
        "month', period_end = clock_timestamp() - interval '1 second'");
    row("UPDATE plan_periods SET period_start = period_start - interval '1 month', period_end = period_end - "
        "interval "
        "'1 month'");
  }

  shop at;
};

} // namespace

TEST_F(PlansApiTest, AreListedWithWhereTheTenantStands) {
  const auto plans = standing();
  ASSERT_EQ(4u, size_at(plans, "/plans")) << plans;
  EXPECT_EQ("starter", text_at(plans, "/plans/1/planId"));
  EXPECT_EQ(1000, number_at(plans, "/plans/1/credits"));
  EXPECT_EQ(5000, number_at(plans, "/plans/1/priceMinor"));
  EXPECT_EQ(5, number_at(plans, "/plans/1/limits/locations"));
  EXPECT_EQ("enterprise", text_at(plans, "/current/planId"));
  EXPECT_EQ("none", text_at(plans, "/current/state")); // nothing to pay with
  EXPECT_EQ(0, balance());
}

TEST_F(PlansApiTest, TheFreePlanGivesItsCreditsOnceAMonth) {
  ASSERT_EQ(200, put_on("free").status());
  EXPECT_TRUE(becomes("granted")) << standing();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 100; })) << balance();
  const auto lots = at.client().get("/api/credits/lots/tenant/acme").response.body;
  EXPECT_EQ("plan", text_at(lots, "/lots/0/kind"));
  EXPECT_EQ(text_at(standing(), "/current/periodEnd"), text_at(lots, "/lots/0/expiresAt"));
  // To another plan and back brings nothing: the month is not over.
  ASSERT_EQ(200, put_on("starter").status());
  ASSERT_EQ(200, put_on("free").status());
  at.service.crash_and_restart();
  EXPECT_TRUE(becomes("granted"));
  EXPECT_EQ("1", row("SELECT count(*) FROM plan_periods"));
  EXPECT_EQ(100, balance());
  a_month_passes();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 200; })) << balance();
  EXPECT_EQ("2", row("SELECT count(*) FROM plan_periods"));
}

TEST_F(PlansApiTest, APaidPlanIsChargedOnceAMonthAndGivesItsCreditsWhenItIsPaid) {
  ASSERT_EQ(200, put_on("starter").status());
  ASSERT_EQ(201, save("pm_card_visa").status());
  EXPECT_TRUE(becomes("granted")) << standing();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 1000; })) << balance();
  const auto purchase = text_at(standing(), "/current/purchaseId");
  const auto view = at.client().get("/api/credits/purchases/" + purchase).response.body;
  EXPECT_EQ("completed", text_at(view, "/status"));
  EXPECT_EQ(5000, number_at(view, "/amountMinor"));
  const auto lots = at.client().get("/api/credits/lots/tenant/acme").response.body;
  EXPECT_EQ("plan", text_at(lots, "/lots/0/kind"));
  EXPECT_EQ(text_at(standing(), "/current/periodEnd"), text_at(lots, "/lots/0/expiresAt"));
  at.service.crash_and_restart();
  a_month_passes();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 2000; })) << balance();
  EXPECT_EQ("2", row("SELECT count(*) FROM credit_purchases WHERE origin = 'plan'"));
  EXPECT_EQ(2u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data"));
}

TEST_F(PlansApiTest, APlanThatIsTakenUpAgainGoesOnWithItsMonth) {
  ASSERT_EQ(200, put_on("free").status());
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 100; })) << balance();
  ASSERT_EQ(201, save("pm_card_visa").status());
  // As for a tenant that began on a 31st, in February.
  row("WITH moved AS (UPDATE tenant_plans SET anchor = date_trunc('second', clock_timestamp() - interval '40 "
      "days'),"
      " period_start = date_trunc('second', clock_timestamp() - interval '9 days'),"
      " period_end = date_trunc('second', clock_timestamp() + interval '22 days') RETURNING *)"
      " UPDATE plan_periods p SET anchor = m.anchor, period_start = m.period_start, period_end = m.period_end"
      " FROM moved m");
  const auto standing_row = [this] {
    return row("SELECT concat_ws(' ', plan, anchor, period_start, period_end, state) FROM tenant_plans");
  };
  const auto free_month = standing_row();
  ASSERT_EQ(200, put_on("starter").status());
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 1100; })) << balance();
  const auto paid_month = standing_row();
  ASSERT_EQ(200, put_on("free").status());
  EXPECT_TRUE(wait_until(patience, [&] { return standing_row() == free_month; }))
      << standing_row() << " is not " << free_month;
  ASSERT_EQ(200, put_on("starter").status());
  EXPECT_TRUE(wait_until(patience, [&] { return standing_row() == paid_month; }))
      << standing_row() << " is not " << paid_month;
  EXPECT_EQ(1100, balance());
  EXPECT_EQ("2", row("SELECT count(*) FROM plan_periods"));
  EXPECT_EQ("1", row("SELECT count(*) FROM credit_purchases WHERE origin = 'plan'"));
  // When that month is over the next one is charged and given.
  row("WITH moved AS (UPDATE tenant_plans SET period_end = clock_timestamp() RETURNING period_end)"
      " UPDATE plan_periods p SET period_end = m.period_end FROM moved m WHERE plan = 'starter'");
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 2100; })) << balance();
  EXPECT_EQ("2", row("SELECT count(*) FROM credit_purchases WHERE origin = 'plan'"));
}

TEST_F(PlansApiTest, APaymentThatDoesNotFitIsUnpaidAndAnotherPlanIsFree) {
  at.provider.control("/failures", "method=POST&path=/v1/payment_intents&times=1000&status=503");
  ASSERT_EQ(200, put_on("starter").status());
  ASSERT_EQ(201, save("pm_card_visa").status());
  EXPECT_TRUE(becomes("charging")) << standing();
  const auto purchase = text_at(standing(), "/current/purchaseId");
  EXPECT_EQ(200, post_event(at, intent_succeeded("evt_less", purchase, 4'999)).status());
  EXPECT_TRUE(becomes("unpaid")) << standing();
  EXPECT_EQ("t", row("SELECT next_attempt_at IS NULL FROM tenant_plans"));
  EXPECT_EQ("1", row("SELECT count(*) FROM outbox WHERE kind = 'credits.plan_unpaid'"));
  // Given back where it was paid, it is over.
  EXPECT_EQ(200, post_event(at, charge_refunded("evt_back", purchase, 4'999)).status());
  EXPECT_TRUE(at.becomes(purchase, "canceled")) << at.status_of(purchase);
  ASSERT_EQ(200, put_on("free").status());
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 100; })) << balance();
  EXPECT_TRUE(becomes("granted")) << standing();
}

TEST_F(PlansApiTest, NoMonthIsChargedAgainWhileTheProviderMayHaveChargedIt) {
  at.provider.control("/webhooks", "paused=true");
  at.provider.control("/failures", "path=/v1/events&times=1000&status=503");
  at.provider.control("/failures", "method=POST&path=/v1/payment_intents&effect=true&status=500&saved=false");
  at.provider.control("/failures", "method=POST&path=/v1/payment_intents&times=1000&status=503");
  ASSERT_EQ(200, put_on("starter").status());
  ASSERT_EQ(201, save("pm_card_visa").status());
  const auto charged = [this] {
    return size_at(at.provider.call("/v1/payment_intents").response.body, "/data");
  };
  EXPECT_TRUE(wait_until(patience, [&] { return charged() == 1; }));
  const auto purchase = text_at(standing(), "/current/purchaseId");
  // A day later its key is forgotten, and the provider's list can't be read at first.
  at.provider.control("/failures", "method=GET&path=/v1/payment_intents&times=2&status=503");
  row("UPDATE credit_purchases SET asked_at = asked_at - interval '1 day', next_check_at = clock_timestamp()"
  );
  EXPECT_TRUE(wait_until(patience, [&] {
    row("UPDATE credit_purchases SET next_check_at = clock_timestamp() WHERE status = 'pending' AND"
        " inbox_id IS NULL");
    return at.status_of(purchase) == "completed";
  })) << at.status_of(purchase);
  EXPECT_TRUE(becomes("granted")) << standing();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 1000; })) << balance();
  EXPECT_EQ("1", row("SELECT count(*) FROM credit_purchases WHERE origin = 'plan'"));
  EXPECT_EQ(1u, charged());
}

TEST_F(PlansApiTest, WhatTheProviderHasNeverHeardOfIsGivenUpAfterADay) {
  at.provider.control("/failures", "method=POST&path=/v1/payment_intents&times=1000&status=503");
  ASSERT_EQ(200, put_on("starter").status());
  ASSERT_EQ(201, save("pm_card_visa").status());
  EXPECT_TRUE(becomes("charging")) << standing();
  const auto purchase = text_at(standing(), "/current/purchaseId");
  EXPECT_TRUE(wait_until(patience, [&] {
    row("UPDATE credit_purchases SET asked_at = clock_timestamp() - interval '1 day', next_check_at ="
        " clock_timestamp() WHERE asked_at IS NOT NULL AND status = 'pending'");
    return at.status_of(purchase) == "expired";
  })) << at.status_of(purchase);
  EXPECT_TRUE(becomes("unpaid")) << standing();
  EXPECT_EQ("t", row("SELECT next_attempt_at > clock_timestamp() + interval '23 hours' FROM tenant_plans"));
}

TEST_F(PlansApiTest, AMonthOfAnotherZoneBeginsWhereTheLastOneEnded) {
  ASSERT_EQ(200, put_on("free").status());
  EXPECT_TRUE(becomes("granted")) << standing();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 100; })) << balance();
  // By the zone that the tenant has now, the month that was given is not over yet.
  row("WITH moved AS (UPDATE tenant_plans SET anchor = clock_timestamp() - interval '27 days',"
      " period_start = clock_timestamp() - interval '27 days',"
      " period_end = clock_timestamp() - interval '1 second' RETURNING period_start, period_end)"
      " UPDATE plan_periods p SET period_start = m.period_start, period_end = m.period_end FROM moved m");
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 200; })) << balance();
  EXPECT_EQ("2", row("SELECT count(*) FROM plan_periods"));
  EXPECT_EQ(
      "t",
      row("SELECT max(period_start) = min(period_end) AND max(period_end) > clock_timestamp() + "
          "interval '14 days' FROM plan_periods")
  );
}

TEST_F(PlansApiTest, WhatIsNotPaidGivesNothingAndIsTriedFourTimesAMonth) {
  ASSERT_EQ(200, put_on("professional").status());
  ASSERT_EQ(201, save("pm_card_chargeCustomerFail").status());
  for (int attempt = 1; attempt <= 4; ++attempt) {
    EXPECT_TRUE(wait_until(patience, [&] {
      return row("SELECT attempts FROM tenant_plans") == std::to_string(attempt);
    }));
    EXPECT_EQ("unpaid", text_at(standing(), "/current/state"));
    row("UPDATE tenant_plans SET next_attempt_at = clock_timestamp() WHERE next_attempt_at IS NOT NULL");
  }
  EXPECT_EQ("t", row("SELECT next_attempt_at IS NULL FROM tenant_plans"));
  EXPECT_EQ("4", row("SELECT count(*) FROM outbox WHERE kind = 'credits.plan_unpaid'"));
  EXPECT_EQ("4", row("SELECT count(*) FROM credit_purchases WHERE origin = 'plan'"));
  EXPECT_EQ(0, balance());
  EXPECT_EQ("0", row("SELECT count(*) FROM plan_periods"));
}

TEST_F(PlansApiTest, WhoseCardIsGoneIsToldOnce) {
  ASSERT_EQ(200, put_on("starter").status());
  const auto saved = save("pm_card_visa");
  ASSERT_EQ(201, saved.status());
  EXPECT_TRUE(becomes("granted")) << standing();
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 1000; })) << balance();
  const auto method = row("SELECT method_id FROM payment_methods");
  EXPECT_EQ(200, at.client().remove("/api/credits/payment-methods/" + method).status());
  a_month_passes();
  EXPECT_TRUE(becomes("unpaid")) << standing();
  EXPECT_EQ("1", row("SELECT count(*) FROM outbox WHERE kind = 'credits.plan_unpaid'"));
  EXPECT_EQ(1u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data"));
  row("UPDATE tenant_plans SET next_attempt_at = clock_timestamp()");
  ASSERT_EQ(201, save("pm_card_mastercard").status());
  EXPECT_TRUE(wait_until(patience, [&] { return balance() == 2000; })) << balance();
  EXPECT_EQ("1", row("SELECT count(*) FROM outbox WHERE kind = 'credits.plan_unpaid'"));
}

TEST_F(PlansApiTest, LimitTheDirectoryAndTakeNothingAway) {
  ASSERT_EQ(200, put_on("free").status());
  // There is one location and one application.
  const auto refused = [](const http_exchange& answer) { return text_at(answer.response.body, "/code"); };
  EXPECT_EQ(
      "plan_limit_reached",
      refused(at.client().post("/api/locations", R"({"id":"loc-2","name":"two","organizationId":"org-1"})"))
  );
  EXPECT_EQ(
      "plan_limit_reached", refused(at.client().post("/api/applications", R"({"id":"hr","name":"HR"})"))
  );
  EXPECT_EQ(
      "plan_limit_reached",
      refused(at.client().put(
          "/api/directory", R"({"locations":[{"id":"loc-3","name":"three","organizationId":"org-1"}]})"
      ))
  );
  EXPECT_EQ(201, at.client().post("/api/organizations", R"({"id":"org-2","name":"two"})").status());
  ASSERT_EQ(200, put_on("starter").status());
  for (int i = 2; i <= 5; ++i)
    at.service.create_location(at.key, "loc-" + std::to_string(i), "org-1");
  EXPECT_EQ(
      "plan_limit_reached",
      refused(at.client().post("/api/locations", R"({"id":"loc-6","name":"six","organizationId":"org-1"})"))
  );
  at.service.create_application(at.key, "hr");
  ASSERT_EQ(200, put_on("free").status()); // what is there stays, and may be renamed
  EXPECT_EQ(200, at.seller().get("/api/locations/loc-5").status());
  EXPECT_EQ(200, at.client().put("/api/locations/loc-5", R"({"name":"five"})").status());
}

} // namespace tessera::test
