// What is bought by itself when a balance is low, against the payment sandbox.
#include "tests/api/shop.hpp"
#include "tests/api/stripe_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr auto route = "/api/credits/auto-topup/organization/org-1";

class AutoTopupTest : public testing::Test {
protected:
  static std::string terms(
      std::int64_t threshold = 500,
      const std::string& package = "thousand",
      const std::string& caps = R"("maxPerDay":5,"maxPerMonth":20,"maxAmountMinorPerMonth":100000)"
  ) {
    return R"({"enabled":true,"threshold":)" + std::to_string(threshold) + R"(,"packageId":")" + package +
           "\"," + caps + "}";
  }
  http_exchange set(const std::string& body) const { return at.client().put(route, body); }
  std::string now() const { return at.client().get(route).response.body; }
  http_exchange spend(std::int64_t credits) const {
    return at.client().post(
        "/api/credits/consume",
        R"({"entityType":"organization","entityId":"org-1","credits":)" + std::to_string(credits) + "}"
    );
  }
  /// The organisation has credits, and a card that pays.
  void furnish(const std::string& card = "pm_card_visa") {
    ASSERT_EQ(201, at.save("pm_card_visa").status());
    ASSERT_EQ(201, at.buy(shop::order()).status());
    if (card != "pm_card_visa") {
      ASSERT_EQ(201, at.save(card).status());
    }
  }
  std::string row(const std::string& sql) const {
    return at.service.cluster().query(at.service.database(), sql.c_str());
  }
  std::string bought() const {
    return row("SELECT count(*) FROM credit_purchases WHERE origin = 'auto_topup'");
  }
  http_exchange rule(const std::string& name, const std::string& action, std::int64_t limit) const {
    return at.seller().put(
        "/api/credits/fraud/rules",
        R"({"rules":[{"rule":")" + name + R"(","action":")" + action + R"(","limit":)" +
            std::to_string(limit) + "}]}"
    );
  }
  std::string flag() const {
    const auto open = at.seller().get("/api/credits/fraud?state=open").response.body;
    return text_at(open, "/flags/0/flagId");
  }
  http_exchange decide(const std::string& how) const {
    return at.seller().post("/api/credits/fraud/" + flag() + "/" + how, "{}");
  }
  std::size_t payments() const {
    return size_at(at.provider.call("/v1/payment_intents").response.body, "/data").value_or(0);
  }
  /// The time for which it waits is over.
  void wait_no_longer() const { row("UPDATE auto_topups SET not_before = clock_timestamp()"); }

  shop at;
};

} // namespace

TEST_F(AutoTopupTest, BuysOnceUnderFiftyParallelSpends) {
  furnish();
  at.service.create_user("acme", "boss@acme.test", "correct horse battery", "tenant_admin");
  ASSERT_EQ(200, set(terms()).status());
  std::vector<std::thread> spenders;
  std::atomic<int> spent{0};
  for (int i = 0; i < 50; ++i)
    spenders.emplace_back([&] {
      if (spend(20).status() == 200) ++spent;
    });
  for (auto& each : spenders)
    each.join();
  EXPECT_EQ(50, spent);
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; })) << at.available();
  // The next looks find nothing to do: what was bought is there, and the cool-down besides.
  wait_no_longer();
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(now(), "/lastPurchaseStatus") == "completed"; }));
  EXPECT_EQ("1", bought());
  EXPECT_EQ(2u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data"));
  EXPECT_EQ(1, number_at(now(), "/boughtToday"));
  EXPECT_EQ(5000, number_at(now(), "/amountMinorThisMonth"));
  EXPECT_TRUE(wait_until(patience, [&] {
    return row("SELECT count(*) FROM notifications WHERE template = 'autoTopUpReceipt'") == "1";
  }));
}

TEST_F(AutoTopupTest, BuysWhatIsMissingInOneCharge) {
  furnish();
  ASSERT_EQ(200, set(terms(2'500)).status()); // of 1000: two packages are missing
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 3000; })) << at.available();
  EXPECT_EQ("1", bought());
  EXPECT_EQ(
      "2000 10000",
      row("SELECT credits_purchased || ' ' || amount_minor FROM credit_purchases"
          " WHERE origin = 'auto_topup'")
  );
  EXPECT_EQ("cool_down", text_at(now(), "/pausedFor"));
}

TEST_F(AutoTopupTest, TheCapsHold) {
  furnish();
  ASSERT_EQ(
      200,
      set(terms(5'000, "thousand", R"("maxPerDay":1,"maxPerMonth":9,"maxAmountMinorPerMonth":12000)"))
          .status()
  );
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 3000; }))
      << at.available(); // for 12000 no more
  wait_no_longer();
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(now(), "/pausedFor") == "cap"; })) << now();
  EXPECT_EQ("1", bought());
  EXPECT_EQ("1", row("SELECT count(*) FROM outbox WHERE kind = 'credits.auto_topup_failed'"));
  EXPECT_THAT(
      row("SELECT payload->>'reason' FROM outbox WHERE kind = 'credits.auto_topup_failed'"), HasSubstr("day")
  );
  // With a higher cap it goes on, as far as the money of the month allows.
  ASSERT_EQ(
      200,
      set(terms(5'000, "thousand", R"("maxPerDay":9,"maxPerMonth":9,"maxAmountMinorPerMonth":16000)"))
          .status()
  );
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 4000; })) << at.available();
  EXPECT_EQ("15000", row("SELECT sum(amount_minor) FROM credit_purchases WHERE origin = 'auto_topup'"));
}

TEST_F(AutoTopupTest, AfterADeclineItWaitsAndAfterThreeItIsOff) {
  furnish("pm_card_chargeCustomerFail");
  ASSERT_EQ(200, set(terms(5'000)).status());
  for (int declines = 1; declines <= 3; ++declines) {
    EXPECT_TRUE(wait_until(patience, [&] { return number_at(now(), "/declines") == declines; })) << now();
    EXPECT_EQ(std::to_string(declines), bought());
    EXPECT_EQ("failed", text_at(now(), "/lastPurchaseStatus"));
    EXPECT_EQ("t", row("SELECT not_before > clock_timestamp() + interval '59 minutes' FROM auto_topups"));
    if (declines < 3) wait_no_longer();
  }
  EXPECT_FALSE(truth_at(now(), "/enabled"));
  EXPECT_EQ("2", row("SELECT version FROM auto_topups")); // who saw it on does not turn it on again unseen
  EXPECT_EQ("declines", text_at(now(), "/endedBy"));
  EXPECT_EQ("3", row("SELECT count(*) FROM outbox WHERE kind = 'credits.auto_topup_failed'"));
  EXPECT_EQ(1000, at.available());
  // With another card, and turned on again.
  ASSERT_EQ(201, at.save("pm_card_visa").status());
  ASSERT_EQ(200, set(terms()).status());
  EXPECT_EQ("", text_at(now(), "/endedBy"));
  EXPECT_EQ(200, spend(600).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1400; })) << at.available();
  EXPECT_EQ(0, number_at(now(), "/declines"));
}

TEST_F(AutoTopupTest, ACardThatWantsThePayerIsADeclineAndOpensNoPage) {
  furnish("pm_card_authenticationRequired");
  ASSERT_EQ(200, set(terms(5'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return number_at(now(), "/declines") == 1; })) << now();
  const auto purchase = text_at(now(), "/lastPurchaseId");
  EXPECT_THAT(purchase, StartsWith("pur-"));
  EXPECT_THAT(at.status_of(purchase), testing::AnyOf("failed", "canceled"));
  EXPECT_EQ(
      "", row("SELECT coalesce(session_id, '') || checkout_url FROM credit_purchases WHERE origin <> ''")
  );
  EXPECT_EQ(1000, at.available());
}

TEST_F(AutoTopupTest, WithoutACardNothingIsCharged) {
  ASSERT_EQ(200, set(terms(0)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return number_at(now(), "/declines") == 1; })) << now();
  EXPECT_THAT(
      row("SELECT payload->>'reason' FROM outbox WHERE kind = 'credits.auto_topup_failed'"),
      HasSubstr("saved")
  );
  EXPECT_EQ(0u, size_at(at.provider.call("/v1/checkout/sessions").response.body, "/data"));
}

TEST_F(AutoTopupTest, ADisputeEndsIt) {
  furnish();
  ASSERT_EQ(200, set(terms(100)).status());
  const auto purchase = row("SELECT purchase_id FROM credit_purchases");
  at.provider.control("/disputes", "payment_intent=" + at.payment_of(purchase));
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(now(), "/endedBy") == "dispute"; })) << now();
  EXPECT_FALSE(truth_at(now(), "/enabled"));
  EXPECT_TRUE(at.becomes(purchase, "disputed"));
  EXPECT_EQ("0", bought());
}

TEST_F(AutoTopupTest, AKillAfterItWasOrderedChargesOnce) {
  furnish();
  at.provider.control("/failures", "path=/v1/payment_intents&times=1000&status=503");
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return bought() == "1"; }));
  at.service.crash_and_restart();
  at.provider.mend();
  row("UPDATE credit_purchases SET next_check_at = clock_timestamp()");
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 2000; })) << at.available();
  EXPECT_EQ("1", bought());
}

TEST_F(AutoTopupTest, WhatARuleAgainstFraudHoldsCostsNothingUntilItIsApproved) {
  furnish();
  ASSERT_EQ(200, rule("amount_minor_per_day", "hold", 9'999).status());
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return !flag().empty(); }));
  EXPECT_EQ("review", text_at(now(), "/lastPurchaseStatus"));
  EXPECT_EQ(1u, payments());
  EXPECT_EQ(1000, at.available());
  ASSERT_EQ(200, set(terms(1'000)).status()); // which does not get around it
  EXPECT_EQ("review", text_at(now(), "/lastPurchaseStatus"));
  EXPECT_EQ(200, decide("approve").status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 2000; })) << at.available();
  EXPECT_EQ("1", bought());
  EXPECT_EQ(2u, payments());
}

TEST_F(AutoTopupTest, WhatWasTurnedOffIsNotChargedByAnApproval) {
  furnish();
  ASSERT_EQ(200, rule("amount_minor_per_day", "hold", 9'999).status());
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return !flag().empty(); }));
  ASSERT_EQ(200, set(R"({"enabled":false,"threshold":0})").status());
  const auto late = decide("approve");
  EXPECT_EQ(409, late.status()) << late.response.body;
  EXPECT_EQ("fraud_flag_not_open", text_at(late.response.body, "/code"));
  EXPECT_EQ("review", text_at(now(), "/lastPurchaseStatus"));
  EXPECT_EQ(1u, payments());
  EXPECT_EQ(200, decide("reject").status());
  EXPECT_EQ("canceled", text_at(now(), "/lastPurchaseStatus"));
  EXPECT_EQ(1u, payments());
}

TEST_F(AutoTopupTest, ALimitOfANetworkCountsWhatIsBoughtByTermsFromThere) {
  furnish();
  ASSERT_EQ(200, rule("purchases_per_hour_from_network", "block", 1).status());
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(now(), "/pausedFor") == "fraud"; })) << now();
  EXPECT_EQ("0", bought());
  EXPECT_EQ(1u, payments());
}

TEST_F(AutoTopupTest, WhatIsRejectedIsNotBoughtAgain) {
  furnish();
  ASSERT_EQ(200, rule("amount_minor_per_day", "hold", 9'999).status());
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return !flag().empty(); }));
  EXPECT_EQ(200, decide("reject").status());
  EXPECT_EQ("rejected", text_at(now(), "/endedBy"));
  EXPECT_FALSE(truth_at(now(), "/enabled"));
  EXPECT_EQ("canceled", text_at(now(), "/lastPurchaseStatus"));
  EXPECT_EQ(1u, payments());
  EXPECT_EQ("1", bought());
}

TEST_F(AutoTopupTest, WhatARuleAgainstFraudRefusesIsNotTriedForAnHour) {
  furnish();
  ASSERT_EQ(200, rule("amount_minor_per_day", "block", 9'999).status());
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(now(), "/pausedFor") == "fraud"; })) << now();
  EXPECT_EQ("0", bought());
  EXPECT_EQ(1u, payments());
  EXPECT_EQ("1", row("SELECT count(*) FROM fraud_flags WHERE state = 'blocked' AND purchase_id IS NULL"));
  EXPECT_EQ("t", row("SELECT not_before > clock_timestamp() + interval '59 minutes' FROM auto_topups"));
  wait_no_longer();
  EXPECT_TRUE(wait_until(patience, [&] { return row("SELECT count(*) FROM fraud_flags") == "2"; }));
  EXPECT_EQ("1", row("SELECT count(*) FROM outbox WHERE kind = 'credits.auto_topup_failed'"));
}

TEST_F(AutoTopupTest, WhatIsBoughtByItselfCountsForThoseWhoBuy) {
  furnish();
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 2000; })) << at.available();
  ASSERT_EQ(200, rule("amount_minor_per_day", "block", 14'999).status());
  EXPECT_EQ("purchase_limit_reached", text_at(at.buy(shop::order()).response.body, "/code"));
  ASSERT_EQ(200, rule("amount_minor_per_day", "block", 15'000).status());
  EXPECT_EQ(201, at.buy(shop::order()).status());
}

TEST_F(AutoTopupTest, APaymentThatDoesNotFitEndsItUntilSomebodySaysOtherwise) {
  furnish();
  // This purchase is never charged, however often its key is tried.
  at.provider.control("/failures", "method=POST&path=/v1/payment_intents&times=1&status=500&saved=true");
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return bought() == "1"; }));
  const auto first = text_at(now(), "/lastPurchaseId");
  EXPECT_EQ(200, post_event(at, intent_succeeded("evt_less", first, 4'999)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return text_at(now(), "/endedBy") == "review"; })) << now();
  EXPECT_FALSE(truth_at(now(), "/enabled"));
  EXPECT_EQ("1", row("SELECT count(*) FROM outbox WHERE kind = 'credits.auto_topup_failed'"));
  ASSERT_EQ(200, set(terms(1'000)).status());
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 2000; })) << at.available();
  EXPECT_EQ("2", bought());
  // What was paid is accepted as it is.
  EXPECT_EQ("review", at.status_of(first));
  const auto accepted = at.seller().post("/api/credits/purchases/" + first + "/mark-paid", "{}");
  EXPECT_EQ(200, accepted.status()) << accepted.response.body;
  EXPECT_EQ("completed", at.status_of(first));
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 3000; })) << at.available();
}

TEST_F(AutoTopupTest, IsToldWhatItNeedsAndKeepsItsVersions) {
  const auto nothing = at.client().get(route);
  ASSERT_EQ(200, nothing.status()) << nothing.response.body;
  EXPECT_FALSE(truth_at(nothing.response.body, "/enabled"));
  const auto incomplete = set(R"({"enabled":true,"threshold":500})");
  EXPECT_EQ(422, incomplete.status());
  for (const auto* field : {"/packageId", "/maxPerDay", "/maxPerMonth", "/maxAmountMinorPerMonth"})
    EXPECT_THAT(incomplete.response.body, HasSubstr(std::string("\"") + field + "\""));
  EXPECT_EQ("package_unknown", text_at(set(terms(0, "nothing")).response.body, "/code"));
  EXPECT_EQ(200, at.seller().remove("/api/credits/packages/three").status());
  EXPECT_EQ("package_inactive", text_at(set(terms(0, "three")).response.body, "/code"));
  EXPECT_EQ(422, set(R"({"enabled":false,"threshold":-1})").status());
  EXPECT_EQ(400, set(R"({"enabled":"yes","threshold":1})").status());
  EXPECT_EQ(422, set(R"({"enabled":false,"threshold":1,"maxPerHour":1})").status());

  const auto body = R"({"enabled":false,"threshold":7})";
  const auto first = at.client().send({"PUT", route, {{"Idempotency-Key", "once"}}, body});
  ASSERT_EQ(200, first.status()) << first.response.body;
  EXPECT_EQ(7, number_at(first.response.body, "/threshold"));
  const auto tag = first.response.header("etag");
  const auto again = at.client().send({"PUT", route, {{"Idempotency-Key", "once"}}, body});
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(tag, at.client().get(route).response.header("etag"));
  EXPECT_EQ(200, at.client().send({"PUT", route, {{"If-Match", tag}}, body}).status());
  EXPECT_EQ(412, at.client().send({"PUT", route, {{"If-Match", tag}}, body}).status());
}

} // namespace tessera::test
