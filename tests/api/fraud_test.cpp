// Rules against fraud: what is written down, held for review or refused, and who decides.
#include "tests/api/lost_commits.hpp"
#include "tests/api/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

class FraudTest : public testing::Test {
protected:
  FraudTest() : at(std::map<std::string, std::string>{{"TESSERA_PAYMENTS_ALLOW_TEST", "true"}}) {}

  http_exchange set(const std::string& rule, const std::string& action, std::int64_t limit) const {
    return at.seller().put(
        "/api/credits/fraud/rules",
        R"({"rules":[{"rule":")" + rule + R"(","action":")" + action + R"(","limit":)" +
            std::to_string(limit) + "}]}"
    );
  }
  std::string flags(const std::string& query = {}) const {
    return at.seller().get("/api/credits/fraud" + query).response.body;
  }
  http_exchange decide(const std::string& flag, const std::string& how, const std::string& key = {}) const {
    http_request call{"POST", "/api/credits/fraud/" + flag + "/" + how, {}, R"({"note":"looked at"})"};
    if (!key.empty()) call.headers = {{"Idempotency-Key", key}};
    return at.seller().send(call);
  }
  static std::string test_order() { return shop::order("thousand", "test"); }

  shop at;
};

} // namespace

TEST_F(FraudTest, AtFirstEverythingIsOnlyWrittenDown) {
  const auto rules = at.seller().get("/api/credits/fraud/rules").response.body;
  EXPECT_EQ(6u, size_at(rules, "/rules"));
  for (const auto& action : items_at(rules, "/rules"))
    EXPECT_THAT(action, HasSubstr("\"log\""));
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(201, at.buy(test_order()).status());
  const auto seen = flags("?rule=purchases_per_hour");
  ASSERT_EQ(1u, size_at(seen, "/flags")) << seen;
  EXPECT_EQ("logged", text_at(seen, "/flags/0/state"));
  EXPECT_EQ(6, number_at(seen, "/flags/0/inputs/observed"));
  EXPECT_EQ(5, number_at(seen, "/flags/0/inputs/limit"));
  EXPECT_EQ("127.0.0.0/24", text_at(seen, "/flags/0/inputs/network"));
  EXPECT_EQ("completed", text_at(seen, "/flags/0/purchaseStatus"));
  EXPECT_EQ(6000, at.available());
}

TEST_F(FraudTest, WhatIsHeldWaitsUntilItIsApproved) {
  at.save("pm_card_visa");
  ASSERT_EQ(200, set("first_purchase_above", "hold", 4'999).status());
  const auto held = at.buy(shop::order(), "held");
  ASSERT_EQ(202, held.status()) << held.response.body;
  EXPECT_EQ("review", text_at(held.response.body, "/status"));
  EXPECT_THAT(text_at(held.response.body, "/message"), HasSubstr("reviewed"));
  const auto purchase = text_at(held.response.body, "/purchaseId");
  EXPECT_EQ("review", at.status_of(purchase));
  EXPECT_EQ(0u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data")); // nobody was asked

  const auto open = flags("?state=open");
  ASSERT_EQ(1u, size_at(open, "/flags")) << open;
  EXPECT_EQ(purchase, text_at(open, "/flags/0/purchaseId"));
  const auto flag = text_at(open, "/flags/0/flagId");
  const auto approved = decide(flag, "approve", "once");
  ASSERT_EQ(200, approved.status()) << approved.response.body;
  EXPECT_EQ("approved", text_at(approved.response.body, "/state"));
  EXPECT_EQ("looked at", text_at(approved.response.body, "/note"));
  EXPECT_TRUE(at.becomes(purchase, "completed"));
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; }));
  EXPECT_EQ("true", decide(flag, "approve", "once").response.header("idempotent-replayed"));
  EXPECT_EQ(
      "idempotency_key_reused",
      text_at(
          at.seller()
              .send(
                  {"POST",
                   "/api/credits/fraud/" + flag + "/approve",
                   {{"Idempotency-Key", "once"}},
                   R"({"note":"x"})"}
              )
              .response.body,
          "/code"
      )
  );
  EXPECT_EQ("fraud_flag_not_open", text_at(decide(flag, "reject").response.body, "/code"));
  EXPECT_EQ(404, decide("flag-nothing", "approve").status());
  EXPECT_EQ(201, at.buy(shop::order(), "held").status()); // and whoever asks again is told so
  EXPECT_EQ(1000, at.available());
}

TEST_F(FraudTest, WhatWasApprovedAfterDaysIsPaidThoughTheProviderIsAwayAtFirst) {
  const auto row = [this](const char* sql) { return at.service.cluster().query(at.service.database(), sql); };
  at.save("pm_card_visa");
  ASSERT_EQ(200, set("first_purchase_above", "hold", 0).status());
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  row("UPDATE credit_purchases SET created_at = created_at - interval '3 days'");
  at.provider.control("/failures", "path=/v1/payment_intents&times=1000&status=503");
  EXPECT_EQ(200, decide(text_at(flags("?state=open"), "/flags/0/flagId"), "approve").status());
  EXPECT_TRUE(wait_until(patience, [&] {
    return row("SELECT asked_at IS NOT NULL FROM credit_purchases") == "t";
  }));
  at.service.crash_and_restart();
  at.provider.mend();
  row("UPDATE credit_purchases SET next_check_at = clock_timestamp()");
  EXPECT_TRUE(at.becomes(purchase, "completed")) << at.status_of(purchase);
}

TEST_F(FraudTest, WhatIsRejectedComesToNothing) {
  ASSERT_EQ(200, set("first_purchase_above", "hold", 0).status());
  const auto held = at.buy(test_order());
  ASSERT_EQ(202, held.status()) << held.response.body;
  EXPECT_EQ(0, at.available());
  const auto purchase = text_at(held.response.body, "/purchaseId");
  const auto flag = text_at(flags("?state=open"), "/flags/0/flagId");
  EXPECT_EQ(200, decide(flag, "reject", "once").status());
  EXPECT_EQ("canceled", at.status_of(purchase));
  EXPECT_EQ("true", decide(flag, "reject", "once").response.header("idempotent-replayed"));
  EXPECT_EQ("idempotency_key_reused", text_at(decide("flag-other", "reject", "once").response.body, "/code"));
  EXPECT_EQ(0, at.available());
  EXPECT_EQ(0u, size_at(flags("?state=open"), "/flags"));
}

TEST_F(FraudTest, WhoHasAPurchaseThatIsNotOverIsNotDeleted) {
  const auto order_of = [](const std::string& id) {
    return shop::order("thousand", "stripe", R"("entityType":"location","entityId":")" + id + "\"");
  };
  const auto removed = [this](const std::string& id) { return at.client().remove("/api/locations/" + id); };
  at.service.create_location(at.key, "loc-2", "org-1");
  ASSERT_EQ(202, at.buy(order_of("loc-2")).status()); // on a page
  EXPECT_EQ("entity_has_pending", text_at(removed("loc-2").response.body, "/code"));
  ASSERT_EQ(200, set("first_purchase_above", "hold", 0).status());
  ASSERT_EQ(202, at.buy(order_of("loc-1")).status());
  EXPECT_EQ("entity_has_pending", text_at(removed("loc-1").response.body, "/code"));
  EXPECT_EQ(200, decide(text_at(flags("?state=open"), "/flags/0/flagId"), "reject").status());
  EXPECT_EQ(200, removed("loc-1").status());
}

TEST_F(FraudTest, WhatIsForNobodyAnyMoreIsNotApproved) {
  const auto row = [this](const char* sql) { return at.service.cluster().query(at.service.database(), sql); };
  at.save("pm_card_visa");
  ASSERT_EQ(200, set("first_purchase_above", "hold", 0).status());
  ASSERT_EQ(202, at.buy(shop::order()).status());
  row("UPDATE entities SET status = 'deleted' WHERE entity_id = 'org-1'");
  const auto flag = text_at(flags("?state=open"), "/flags/0/flagId");
  EXPECT_EQ("fraud_flag_not_open", text_at(decide(flag, "approve").response.body, "/code"));
  EXPECT_EQ("review", row("SELECT status FROM credit_purchases"));
  EXPECT_EQ(200, decide(flag, "reject").status());
  EXPECT_EQ(0u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data"));
}

TEST_F(FraudTest, WhatWasPerhapsDecidedIsToldToWhoAsksAgain) {
  ASSERT_EQ(200, set("purchases_per_hour", "hold", 0).status());
  for (const std::string how : {"approve", "reject"}) {
    ASSERT_EQ(202, answer_after_all([&] { return at.buy(test_order()); }).status());
    const auto flag = text_at(flags("?state=open"), "/flags/0/flagId");
    lost_commits(at.service, {"fraud_flags"}).expect_unknown([&] { return decide(flag, how, how); });
    EXPECT_EQ(200, answer_after_all([&] { return decide(flag, how, how); }).status());
  }
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; }));
}

TEST_F(FraudTest, OfManyWhoDecideAtOnceOneDoes) {
  ASSERT_EQ(200, set("first_purchase_above", "hold", 0).status());
  ASSERT_EQ(202, at.buy(test_order()).status());
  const auto flag = text_at(flags("?state=open"), "/flags/0/flagId");
  std::atomic<int> decided{0};
  std::vector<std::thread> reviewers;
  for (int i = 0; i < 8; ++i)
    reviewers.emplace_back([&, i] {
      if (decide(flag, i % 2 == 0 ? "approve" : "reject").status() == 200) ++decided;
    });
  for (auto& each : reviewers)
    each.join();
  EXPECT_EQ(1, decided);
  const auto state = text_at(flags(), "/flags/0/state");
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == (state == "approved" ? 1000 : 0); }));
}

TEST_F(FraudTest, TwoWhoDecideAboutTwoFlagsOfOnePurchaseDoNotStandInEachOthersWay) {
  ASSERT_EQ(200, set("first_purchase_above", "hold", 0).status());
  ASSERT_EQ(200, set("purchases_per_hour", "hold", 0).status());
  for (int round = 0; round < 4; ++round) {
    ASSERT_EQ(202, at.buy(test_order()).status());
    const auto open = flags("?state=open");
    const auto flagged = size_at(open, "/flags").value_or(0);
    ASSERT_EQ(2u, flagged) << open;
    std::atomic<int> decided{0};
    std::atomic<int> late{0};
    std::vector<std::thread> reviewers;
    for (std::size_t i = 0; i < 8; ++i)
      reviewers.emplace_back([&, i] {
        const auto one = "/flags/" + std::to_string(i % flagged) + "/flagId";
        const auto answer = decide(text_at(open, one.c_str()), "reject");
        if (answer.status() == 200) ++decided;
        if (text_at(answer.response.body, "/code") == "fraud_flag_not_open") ++late;
      });
    for (auto& each : reviewers)
      each.join();
    EXPECT_EQ(1, decided);
    EXPECT_EQ(7, late);
    EXPECT_EQ(0u, size_at(flags("?state=open"), "/flags"));
  }
}

TEST_F(FraudTest, ALimitOfANetworkHoldsForManyEntitiesAtOnce) {
  for (int i = 2; i <= 9; ++i)
    at.service.create_organization(at.key, "org-" + std::to_string(i));
  ASSERT_EQ(200, set("purchases_per_hour_from_network", "block", 3).status());
  std::atomic<int> bought{0};
  std::vector<std::thread> buyers;
  for (int i = 2; i <= 9; ++i)
    buyers.emplace_back([&, i] {
      const auto entity = R"("entityType":"organization","entityId":"org-)" + std::to_string(i) + "\"";
      if (at.buy(shop::order("thousand", "test", entity)).status() == 201) ++bought;
    });
  for (auto& each : buyers)
    each.join();
  EXPECT_EQ(3, bought);
  EXPECT_EQ(5u, size_at(flags("?state=blocked"), "/flags"));
}

TEST_F(FraudTest, NobodyGetsAroundALimitOfMoneyInAnotherCurrency) {
  const auto euros = at.seller().post(
      "/api/credits/packages",
      R"({"packageId":"euros","name":"Euros","credits":1000,"priceMinor":5000,"currency":"EUR","validityDays":30})"
  );
  ASSERT_EQ(201, euros.status()) << euros.response.body;
  ASSERT_EQ(200, set("amount_minor_per_day", "block", 9'999).status());
  EXPECT_EQ(201, at.buy(test_order()).status());
  const auto more = at.buy(shop::order(text_at(euros.response.body, "/packageId"), "test"));
  EXPECT_EQ("purchase_limit_reached", text_at(more.response.body, "/code"));
}

TEST_F(FraudTest, OfWhatIsRefusedAgainAndAgainIsToldOnceAnHour) {
  const auto told = [this] {
    return at.service.cluster().query(
        at.service.database(), "SELECT count(*) FROM outbox WHERE kind = 'credits.fraud_flagged'"
    );
  };
  ASSERT_EQ(200, set("purchases_per_hour", "block", 0).status());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(409, at.buy(test_order()).status());
  EXPECT_EQ(3u, size_at(flags("?state=blocked"), "/flags"));
  EXPECT_EQ("1", told());
  at.service.cluster().query(
      at.service.database(),
      "UPDATE fraud_flags SET created_at = created_at - interval '40 minutes',"
      " told_at = told_at - interval '61 minutes'" // those of before were told of an hour ago
  );
  EXPECT_EQ(409, at.buy(test_order()).status());
  EXPECT_EQ("2", told());
}

TEST_F(FraudTest, WhatIsBlockedIsRefusedWhateverIsTriedAtOnce) {
  ASSERT_EQ(200, set("purchases_per_hour", "block", 3).status());
  std::atomic<int> bought{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> buyers;
  for (int i = 0; i < 8; ++i)
    buyers.emplace_back([&] {
      const auto answer = at.buy(test_order());
      if (answer.status() == 201) ++bought;
      if (answer.status() == 409 && text_at(answer.response.body, "/code") == "purchase_limit_reached")
        ++refused;
    });
  for (auto& each : buyers)
    each.join();
  EXPECT_EQ(3, bought);
  EXPECT_EQ(5, refused);
  EXPECT_EQ(3000, at.available());
  EXPECT_EQ(5u, size_at(flags("?state=blocked"), "/flags"));
  for (const bool again : {false, true}) { // a refusal is remembered
    const auto answer = at.buy(test_order(), "refused");
    EXPECT_EQ(409, answer.status());
    EXPECT_EQ(again ? "true" : "", answer.response.header("idempotent-replayed"));
  }
  EXPECT_EQ(6u, size_at(flags("?state=blocked"), "/flags"));
}

TEST_F(FraudTest, DeclinesAreCounted) {
  at.save("pm_card_chargeCustomerFail");
  ASSERT_EQ(200, set("declines_per_hour", "hold", 2).status());
  EXPECT_EQ(402, at.buy(shop::order()).status());
  EXPECT_EQ(402, at.buy(shop::order()).status());
  EXPECT_EQ(202, at.buy(shop::order()).status());
  EXPECT_EQ(2, number_at(flags("?rule=declines_per_hour"), "/flags/0/inputs/observed"));
}

TEST_F(FraudTest, ChargebacksAreCounted) {
  at.save("pm_card_visa");
  ASSERT_EQ(200, set("chargebacks", "alert", 1).status());
  const auto purchase = text_at(at.buy(shop::order()).response.body, "/purchaseId");
  const auto opened =
      at.provider.control("/disputes", "payment_intent=" + at.payment_of(purchase)).response.body;
  EXPECT_TRUE(at.becomes(purchase, "disputed"));
  at.provider.control("/disputes/" + text_at(opened, "/id") + "/close", "outcome=lost");
  EXPECT_TRUE(at.becomes(purchase, "charged_back"));
  EXPECT_EQ(201, at.buy(shop::order()).status());
  EXPECT_EQ(1u, size_at(flags("?rule=chargebacks&state=logged"), "/flags"));
  EXPECT_EQ(
      "1",
      at.service.cluster().query(
          at.service.database(), "SELECT count(*) FROM outbox WHERE kind = 'credits.fraud_flagged'"
      )
  );
}

TEST_F(FraudTest, RulesAreTheSellersAndSayWhatIsWrongWithThem) {
  EXPECT_EQ(403, at.client().get("/api/credits/fraud").status());
  EXPECT_EQ(403, at.client().put("/api/credits/fraud/rules", R"({"rules":[]})").status());
  EXPECT_EQ(422, set("nothing", "log", 1).status());
  EXPECT_EQ(422, set("chargebacks", "shout", 1).status());
  EXPECT_EQ(422, set("chargebacks", "log", -1).status());
  const std::string one = R"({"rule":"chargebacks","action":"off","limit":9})";
  const auto twice = at.seller().put("/api/credits/fraud/rules", R"({"rules":[)" + one + "," + one + "]}");
  EXPECT_EQ(422, twice.status());
  EXPECT_EQ("/rules/1/rule", text_at(twice.response.body, "/errors/0/pointer"));
  EXPECT_EQ(422, at.seller().get("/api/credits/fraud?state=odd").status());
  const std::string body = R"({"rules":[{"rule":"chargebacks","action":"off","limit":9}]})";
  const auto route = "/api/credits/fraud/rules";
  const auto first = at.seller().put(route, body);
  ASSERT_EQ(200, first.status()) << first.response.body;
  EXPECT_EQ(6u, size_at(first.response.body, "/rules"));
  const auto tag = first.response.header("etag");
  EXPECT_EQ(200, at.seller().send({"PUT", route, {{"If-Match", tag}}, body}).status());
  const http_request keyed{"PUT", route, {{"Idempotency-Key", "rules"}}, body};
  EXPECT_EQ(200, at.seller().send(keyed).status());
  EXPECT_EQ("true", at.seller().send(keyed).response.header("idempotent-replayed"));
  auto other = keyed;
  other.body = R"({"rules":[{"rule":"chargebacks","action":"log","limit":9}]})";
  EXPECT_EQ("idempotency_key_reused", text_at(at.seller().send(other).response.body, "/code"));
  EXPECT_EQ(412, at.seller().send({"PUT", route, {{"If-Match", tag}}, body}).status());
}

TEST_F(FraudTest, ListsComeInPages) {
  ASSERT_EQ(200, set("purchases_per_hour", "log", 0).status());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(201, at.buy(test_order()).status());
  const auto first = flags("?limit=2&rule=purchases_per_hour");
  ASSERT_EQ(2u, size_at(first, "/flags"));
  EXPECT_EQ(3, number_at(first, "/flags/0/inputs/observed"));
  const auto next = flags("?limit=2&rule=purchases_per_hour&cursor=" + text_at(first, "/nextCursor"));
  ASSERT_EQ(1u, size_at(next, "/flags")) << next;
  EXPECT_EQ(1, number_at(next, "/flags/0/inputs/observed"));
  EXPECT_EQ(400, at.seller().get("/api/credits/fraud?cursor=abc").status());
}

} // namespace tessera::test
