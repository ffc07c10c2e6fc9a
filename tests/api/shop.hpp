#pragma once

#include "tests/support/json.hpp"
#include "tests/support/paysim.hpp"
#include "tests/support/tessera_service.hpp"
#include "tests/support/wait.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

/// A service that sells to one tenant and is paid by the payment sandbox.
namespace tessera::test {

inline constexpr auto purchase_route = "/api/credits/purchase";
inline constexpr milliseconds patience{20'000};

inline std::int64_t number_at(const std::string& json, const char* pointer) {
  return integer_at(json, pointer).value_or(-1);
}
inline bool truth_at(const std::string& json, const char* pointer) {
  return boolean_at(json, pointer).value_or(false);
}

/// A tenant with packages, a service that is paid by the sandbox, and nothing saved yet.
struct shop {
  explicit shop(std::map<std::string, std::string> more = {}) : service(options(provider, std::move(more))) {
    provider.tell(service.base_url());
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    service.create_package("acme", "three", 3, 100);
    key = service.create_api_key(
        "acme", {"credits:read", "credits:consume", "credits:purchase", "credits:allocate", "directory:write"}
    );
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
    service.create_location(key, "loc-1", "org-1");
  }

  static service_options options(const paysim& from, std::map<std::string, std::string> more) {
    service_options chosen;
    chosen.environment = from.settings();
    for (auto& [name, value] : more)
      chosen.environment[name] = value;
    return chosen;
  }

  http_client client() const {
    auto made = service.client(key);
    made.set_header("X-Application", "crm");
    return made;
  }
  http_client seller() const {
    auto made = service.operator_client();
    made.set_header("X-Tenant", "acme");
    return made;
  }

  static std::string order(
      const std::string& package = "thousand",
      const std::string& method = "stripe",
      const std::string& entity = R"("entityType":"organization","entityId":"org-1")"
  ) {
    return "{" + entity + R"(,"packageId":")" + package + R"(","paymentMethod":")" + method + "\"}";
  }
  http_exchange buy(const std::string& body, const std::string& idempotency_key = {}) const {
    auto buyer = client();
    buyer.set_timeout(patience);
    if (idempotency_key.empty()) return buyer.post(purchase_route, body);
    return buyer.post(purchase_route, body, {{"Idempotency-Key", idempotency_key}});
  }
  http_exchange save(const std::string& method, const std::string& entity_id = "org-1") const {
    return client().post(
        "/api/credits/payment-methods",
        R"({"entityType":"organization","entityId":")" + entity_id + R"(","paymentMethodId":")" + method +
            "\"}"
    );
  }
  std::string status_of(const std::string& purchase) const {
    return text_at(client().get("/api/credits/purchases/" + purchase).response.body, "/status");
  }
  bool becomes(const std::string& purchase, const std::string& status) const {
    return wait_until(patience, [&] { return status_of(purchase) == status; });
  }
  std::int64_t available() const {
    return number_at(
        client().get("/api/credits/balance/organization/org-1").response.body, "/availableCredits"
    );
  }
  std::string payment_of(const std::string& purchase) const {
    return service.cluster().query(
        service.database(), "SELECT payment_id FROM credit_purchases WHERE purchase_id = '" + purchase + "'"
    );
  }
  std::string events_in(const std::string& state) const {
    return service.cluster().query(
        service.database(), "SELECT count(*) FROM provider_events WHERE state = '" + state + "'"
    );
  }

  paysim provider;
  mutable tessera_service service;
  std::string key;
};

// What the provider posts.

inline http_exchange post_event(const shop& at, const std::string& body) {
  return at.service.client().post(
      "/webhooks/stripe", body, {{"Stripe-Signature", paysim::signature_of(body)}}
  );
}

} // namespace tessera::test
