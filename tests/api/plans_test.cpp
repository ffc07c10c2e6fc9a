// Plans: credits that come each month, what is paid for them, and what they limit.
#include "tests/api/shop.hpp"

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
  EXPECT_EQ("4", row("SELECT count(*) FROM credit_purchases WHERE origin = 'plan'"));
  EXPECT_EQ(0, balance());
  EXPECT_EQ("0", row("SELECT count(*) FROM plan_periods"));
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
