// Killed at any point between the row, the provider, the event and the credits, or between a refund's hold
// and its money: after a restart money and credits agree.
#include "tests/support/json.hpp"
#include "tests/support/paysim.hpp"
#include "tests/support/tessera_service.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tessera::test {

namespace {

constexpr milliseconds patience{30'000};

/// A service that is paid by the sandbox and dies at a point; then the same database with one that does not.
class dying_shop {
public:
  explicit dying_shop(const std::string& point) {
    service_ = std::make_unique<tessera_service>(options({}, {}));
    provider.tell(service_->base_url());
    service_->create_tenant("acme");
    service_->create_package("acme", "thousand", 1000, 5000);
    key_ = service_->create_api_key("acme", {"credits:read", "credits:purchase", "directory:write"});
    service_->create_application(key_, "crm");
    service_->create_organization(key_, "org-1");
    save_card();
    restart(point);
  }

  /// The same port, so that webhooks arrive.
  void restart(const std::string& point) {
    const auto database = service_->database();
    service_.reset();
    service_ = std::make_unique<tessera_service>(options(point, database));
    provider.tell(service_->base_url());
  }
  bool is_dead() {
    return wait_until(patience, [this] { return !service_->process().alive(); });
  }

  http_client client() const {
    auto made = service_->client(key_);
    made.set_header("X-Application", "crm");
    made.set_timeout(milliseconds{20'000});
    return made;
  }
  http_client seller() const {
    auto made = service_->operator_client();
    made.set_header("X-Tenant", "acme");
    made.set_timeout(milliseconds{20'000});
    return made;
  }
  http_exchange buy() const {
    return client().post(
        "/api/credits/purchase",
        R"({"entityType":"organization","entityId":"org-1","packageId":"thousand","paymentMethod":"stripe"})",
        {{"Idempotency-Key", "one"}}
    );
  }
  /// Nobody waits half a minute in a test.
  void hurry() const {
    service_->cluster().query(
        service_->database(),
        "UPDATE credit_purchases SET next_check_at = clock_timestamp() WHERE next_check_at IS NOT NULL"
    );
    service_->cluster().query(
        service_->database(), "UPDATE provider_events SET next_attempt_at = clock_timestamp()"
    );
  }
  std::int64_t available() const {
    return integer_at(
               client().get("/api/credits/balance/organization/org-1").response.body, "/availableCredits"
    )
        .value_or(-1);
  }
  std::string only_purchase() const {
    return text_at(client().get("/api/credits/purchases").response.body, "/purchases/0/purchaseId");
  }

  paysim provider;

private:
  service_options options(const std::string& point, const std::string& database) const {
    service_options chosen;
    chosen.environment = provider.settings();
    if (!point.empty()) chosen.environment["TESSERA_CRASH_AT"] = point;
    chosen.database = database;
    return chosen;
  }
  void save_card() const {
    client().post(
        "/api/credits/payment-methods",
        R"({"entityType":"organization","entityId":"org-1","paymentMethodId":"pm_card_visa"})"
    );
  }

  std::unique_ptr<tessera_service> service_;
  std::string key_;
};

class PaymentCrashTest : public testing::TestWithParam<const char*> {};
class RefundCrashTest : public testing::TestWithParam<const char*> {};

} // namespace

TEST_P(PaymentCrashTest, IsPaidOnceAndCreditedOnce) {
  dying_shop at(GetParam());
  at.buy();
  ASSERT_TRUE(at.is_dead());
  at.restart({});
  at.hurry();
  EXPECT_TRUE(wait_until(patience, [&] { return at.available() == 1000; })) << at.available();
  EXPECT_EQ(201, at.buy().status());
  EXPECT_EQ(1000, at.available());
  EXPECT_EQ(1u, size_at(at.provider.call("/v1/payment_intents").response.body, "/data"));
}

INSTANTIATE_TEST_SUITE_P(
    EveryPoint,
    PaymentCrashTest,
    testing::Values(
        "after_purchase_before_nudge",
        "before_provider",
        "after_provider",
        "after_payment_taken",
        "event_kept",
        "event_routed",
        "event_applied"
    )
);

TEST_P(RefundCrashTest, MoneyAndCreditsGoBackOnce) {
  dying_shop at(GetParam());
  ASSERT_EQ(201, at.buy().status());
  const auto route = "/api/credits/purchases/" + at.only_purchase() + "/refund";
  const std::string half = R"({"credits":500,"reason":"half"})";
  at.seller().post(route, half, {{"Idempotency-Key", "back"}});
  ASSERT_TRUE(at.is_dead());
  at.restart({});
  at.hurry();
  EXPECT_TRUE(wait_until(patience, [&] {
    return at.seller().post(route, half, {{"Idempotency-Key", "back"}}).status() == 201;
  }));
  EXPECT_EQ(500, at.available());
  const auto refunds = at.provider.call("/v1/refunds").response.body;
  EXPECT_EQ(1u, size_at(refunds, "/data"));
  EXPECT_EQ(2500, integer_at(refunds, "/data/0/amount"));
}

INSTANTIATE_TEST_SUITE_P(
    EveryPoint,
    RefundCrashTest,
    testing::Values("before_refund", "after_refund", "reversal_stepped:2", "reversal_stepped:3")
);

} // namespace tessera::test
