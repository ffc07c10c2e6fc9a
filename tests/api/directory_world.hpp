#pragma once

#include "tests/api/api_world.hpp"

#include <string>

namespace tessera::test {

/// A tenant of the test's own, and a key that may change its whole directory; the operator at that tenant.
class directory_world : public testing::Test {
protected:
  directory_world()
      : admin(world.service().client(
            world.service().create_api_key(tenant, {"directory:read", "directory:write"})
        )),
        seller(world.service().operator_client()) {
    seller.set_header("X-Tenant", tenant);
  }

  /// a ⊃ a1 ⊃ l, b; applications crm and hr.
  void make_tree() {
    const auto put = admin.put(
        "/api/directory",
        R"({"organizations":[{"id":"a","name":"A"},{"id":"a1","name":"A1","parentId":"a"},{"id":"b","name":"B"}],)"
        R"("locations":[{"id":"l","name":"L","organizationId":"a1"}],)"
        R"("applications":[{"id":"crm","name":"CRM"},{"id":"hr","name":"HR"}]})"
    );
    ASSERT_EQ(200, put.status()) << put.response.body;
  }

  static void expect_problem(const http_exchange& answer, int status, const std::string& code) {
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  static http_exchange
  send(http_client& by, const std::string& method, const std::string& target, const std::string& body) {
    header_list headers;
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return by.send({.method = method, .target = target, .headers = headers, .body = body});
  }
  std::string query(const std::string& sql) {
    return world.service().cluster().query(world.service().database(), sql);
  }
  /// A user of this tenant, as an invitation would make one.
  std::string make_user(const std::string& id, int role, const std::string& email = {}) {
    const auto address = email.empty() ? id + "@example.com" : email;
    query(
        "INSERT INTO users (tenant_id, user_id, email, email_key, role) SELECT tenant_id, '" + id + "', '" +
        address + "', '" + address + "', " + std::to_string(role) + " FROM tenants WHERE id = '" + tenant +
        "'"
    );
    return id;
  }

  api_world& world = api_world::instance();
  const std::string tenant = world.service().create_tenant();
  http_client admin;
  http_client seller;
};

} // namespace tessera::test
