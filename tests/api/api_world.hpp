#pragma once

#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tessera::test {

/// The real binary with one tenant: org-1 above loc-1, applications crm and hr, a package of 1000 credits;
/// started once for all tests of a process. Each test takes an organisation of its own.
class api_world {
public:
  static api_world& instance() {
    static api_world world;
    return world;
  }

  tessera_service& service() { return service_; }
  const std::string& tenant() const { return tenant_; }
  /// A client for crm that may do everything.
  http_client client() const { return client_with(all_, "crm"); }
  http_client client_with(const std::string& key, const std::string& application) const {
    auto made = service_.client(key);
    if (!application.empty()) made.set_header("X-Application", application);
    return made;
  }
  /// The operator, for this tenant.
  http_client of_operator(const std::string& application = {}) const {
    auto made = client_with(service_.operator_key(), application);
    made.set_header("X-Tenant", tenant_);
    return made;
  }
  std::string
  key(const std::vector<std::string>& scopes,
      const std::string& application = {},
      const std::string& entity = {}) const {
    return service_.create_api_key(tenant_, scopes, application, entity);
  }
  const std::string& all() const { return all_; }

  /// A new organisation with so many thousand credits.
  std::string organization(int thousands, const std::string& parent = {}) {
    const auto id = "org-" + std::to_string(++organizations_) + "-of-tests";
    service_.create_organization(all_, id, parent);
    for (int i = 0; i < thousands; ++i)
      buy(id);
    return id;
  }
  void buy(const std::string& organization) {
    auto buyer = client();
    const auto bought = buyer.post(
        "/api/credits/purchase",
        R"({"entityType":"organization","packageId":"thousand","paymentMethod":"test","entityId":")" +
            organization + "\"}"
    );
    ASSERT_EQ(201, bought.status()) << bought.response.body;
  }

  static std::string spend(const std::string& organization, long credits, const std::string& more = {}) {
    return R"({"entityType":"organization","entityId":")" + organization + R"(","credits":)" +
           std::to_string(credits) + more + "}";
  }

private:
  api_world() {
    service_.create_tenant("acme");
    service_.create_package(tenant_, "thousand", 1000, 5000);
    all_ = key(
        {"credits:read",
         "credits:consume",
         "credits:hold",
         "credits:reverse",
         "credits:purchase",
         "credits:allocate",
         "directory:write"}
    );
    for (const auto* application : {"crm", "hr"})
      service_.create_application(all_, application);
  }

  tessera_service service_;
  std::string tenant_ = "acme";
  std::string all_;
  int organizations_ = 0;
};

} // namespace tessera::test
