#pragma once

#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tessera::test {

/// acme: org-1 ⊃ loc-1 and org-2 ⊃ loc-2, applications crm, hr and finance, one person of each role; and a
/// second tenant. Limits are wide, but where a test narrows them.
class invitation_world {
public:
  static constexpr auto password = "correct horse battery";

  explicit invitation_world(const std::string& limits_scale = "1000000")
      : service({.environment = {{"TESSERA_LIMITS_SCALE", limits_scale}}, .database = {}}) {
    furnish("acme");
    furnish("other");
    hire("admin", "tenant_admin");
    hire("org_admin", "organization_admin", {"organization/org-1:viewer"});
    hire("manager", "location_manager", {"location/loc-1:viewer"});
    hire("member", "user", {"organization/org-1:editor"});
    tokens["stranger"] = sign_in("other", "admin@other.test", "tenant_admin");
  }
  static invitation_world& instance() {
    static invitation_world one;
    return one;
  }

  tessera_service service;
  std::map<std::string, std::string> tokens;

  http_client client_of(const std::string& who, const std::string& application = "crm") const {
    auto client = service.client(tokens.at(who));
    if (!application.empty()) client.set_header("X-Application", application);
    return client;
  }
  std::string sql(const std::string& statement) {
    return service.cluster().query(service.database(), statement);
  }

  /// An address that nobody had before.
  std::string address() { return "person" + std::to_string(++people_) + "@company.test"; }

  /// A body: for a plain viewer of loc-1 unless `more` says otherwise.
  static std::string invitation(const std::string& email, const std::string& more = {}) {
    const bool has_role = more.find("\"role\":\"") == 1;
    return R"({"email":")" + email + R"(","firstName":"John","lastName":"Doe")" +
           (has_role || more.find("entityAssignments") != more.npos
                ? std::string()
                : R"(,"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])") +
           more + "}";
  }
  http_exchange invite(const std::string& who, const std::string& email, const std::string& more = {}) const {
    return client_of(who).post("/api/invitations", invitation(email, more));
  }
  struct made {
    std::string id;
    std::string token;
  };
  made
  invited(const std::string& email, const std::string& more = {}, const std::string& who = "admin") const {
    const auto answer = invite(who, email, more);
    EXPECT_EQ(answer.status(), 201) << answer.response.body;
    return {
        text_at(answer.response.body, "/invitationId"), text_at(answer.response.body, "/invitationToken")};
  }

  static std::string acceptance(const std::string& token, const std::string& more = {}) {
    return R"({"token":")" + token +
           R"(","password":"SecurePass123!","confirmPassword":"SecurePass123!","acceptTerms":true)" + more +
           "}";
  }
  http_exchange accept(const std::string& token, const std::string& more = {}) const {
    return service.client().post("/api/invitations/accept", acceptance(token, more));
  }
  http_exchange look_up(const std::string& token) const {
    return service.client().post("/api/invitations/lookup", R"({"token":")" + token + "\"}");
  }
  /// The token that was sent by mail: nobody can read it anywhere, so the test derives it as the sender does.
  std::string token_by(const std::string& channel, const std::string& invitation, int generation = 1) const;

  /// In their order, but for `sent`: when a mail has left depends on how much there is to do.
  std::vector<std::string> activities(const std::string& invitation) const {
    const auto answer = client_of("admin").get("/api/invitations/" + invitation + "/activities?limit=100");
    std::vector<std::string> types;
    for (const auto& each : items_at(answer.response.body, "/activities"))
      if (auto type = text_at(each, "/activityType"); type != "sent") types.push_back(std::move(type));
    return types;
  }
  std::string status_of(const std::string& invitation) const {
    return text_at(client_of("admin").get("/api/invitations/" + invitation).response.body, "/status");
  }
  /// A machine that has much to do sheds sign-ins: who was told to comes again.
  std::string access_token(
      const std::string& email, const std::string& secret, const std::string& tenant = "acme"
  ) const {
    const auto body =
        R"({"email":")" + email + R"(","password":")" + secret + R"(","tenantId":")" + tenant + "\"}";
    std::string token;
    (void)wait_until(milliseconds{30'000}, [&] {
      const auto answer = service.client().post("/api/auth/login", body);
      token = text_at(answer.response.body, "/accessToken");
      return answer.status() != 503;
    });
    return token;
  }
  /// Somebody with a role of their own; their access token is kept under the name.
  std::string
  hire(const std::string& name, const std::string& role, const std::vector<std::string>& entities = {}) {
    const auto id = service.create_user("acme", name + "@acme.test", password, role, entities, {"crm"});
    tokens[name] = access_token(name + "@acme.test", password);
    return id;
  }

private:
  void furnish(const std::string& tenant) {
    service.create_tenant(tenant);
    const auto key = service.create_api_key(tenant, {"directory:read", "directory:write"});
    for (const auto* application : {"crm", "hr", "finance"})
      service.create_application(key, application);
    for (const std::string number : {"1", "2"}) {
      const auto org = service.create_organization(key, (tenant == "acme" ? "org-" : "far-") + number);
      service.create_location(key, (tenant == "acme" ? "loc-" : "far-loc-") + number, org);
    }
  }
  std::string sign_in(const std::string& tenant, const std::string& email, const std::string& role) {
    service.create_user(tenant, email, password, role, {}, {"crm"});
    return access_token(email, password, tenant);
  }

  int people_ = 0;
};

inline void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(answer.status(), status) << answer.response.body;
  EXPECT_EQ(text_at(answer.response.body, "/code"), code) << answer.response.body;
}

} // namespace tessera::test
