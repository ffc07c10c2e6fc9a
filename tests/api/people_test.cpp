// API keys and users, over HTTP. Who may call what is in access_matrix.txt.
#include "tests/api/directory_world.hpp"
#include "tests/support/wait.hpp"

namespace tessera::test {

namespace {

class ApiKeysTest : public directory_world {
protected:
  ApiKeysTest() { make_tree(); }
  http_exchange make(const std::string& more, header_list headers = {}) {
    return seller.post(
        "/api/api-keys", R"({"name":"Till","scopes":["directory:read"])" + more + "}", headers
    );
  }
};

TEST_F(ApiKeysTest, AKeyIsShownOnceAndWorksAtOnce) {
  const header_list once{{"Idempotency-Key", "key of " + tenant}};
  const auto made = make("", once);
  ASSERT_EQ(201, made.status()) << made.response.body;
  EXPECT_EQ("no-store", made.response.header("cache-control"));
  const auto key = text_at(made.response.body, "/key");
  EXPECT_EQ(200, world.service().client(key).get("/api/organizations").status());

  const auto again = make("", once);
  EXPECT_EQ(201, again.status());
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  EXPECT_EQ(text_at(made.response.body, "/keyId"), text_at(again.response.body, "/keyId"));
  EXPECT_EQ(true, boolean_at(again.response.body, "/secretShown"));
  EXPECT_EQ(std::string::npos, again.response.body.find("tsk_"));
  expect_problem(make(R"(,"application":"crm")", once), 422, "idempotency_key_reused");
}

TEST_F(ApiKeysTest, IsListedReadEditedAndRevoked) {
  const auto made = make(
      R"(,"entityType":"organization","entityId":"a","application":"crm","expiresAt":"2099-01-01T00:00:00Z")"
  );
  ASSERT_EQ(201, made.status()) << made.response.body;
  const auto target = "/api/api-keys/" + text_at(made.response.body, "/keyId");
  const auto read = seller.get(target);
  EXPECT_EQ("organization", text_at(read.response.body, "/entityType"));
  EXPECT_EQ("a", text_at(read.response.body, "/entityId"));
  EXPECT_EQ("crm", text_at(read.response.body, "/application"));
  EXPECT_EQ(std::string::npos, read.response.body.find("tsk_"));
  EXPECT_EQ(2u, size_at(seller.get("/api/api-keys").response.body, "/apiKeys"));

  const auto edited = seller.put(target, R"({"name":"Other","scopes":["credits:read"],"expiresAt":null})");
  ASSERT_EQ(200, edited.status()) << edited.response.body;
  EXPECT_EQ("credits:read", text_at(edited.response.body, "/scopes/0"));
  EXPECT_EQ("", text_at(edited.response.body, "/expiresAt"));
  EXPECT_EQ("\"v2\"", edited.response.header("etag"));
  expect_problem(seller.put(target, R"({"name":"x"})", {{"If-Match", "\"v1\""}}), 412, "precondition_failed");

  const auto key = text_at(made.response.body, "/key");
  auto client = world.service().client(key);
  const header_list once{{"Idempotency-Key", "revoke " + tenant}};
  EXPECT_EQ(200, seller.remove(target, once).status());
  EXPECT_EQ("true", seller.remove(target, once).response.header("idempotent-replayed"));
  expect_problem(seller.remove(target), 404, "api_key_unknown");
  expect_problem(seller.get(target), 404, "api_key_unknown");
  wait_until(milliseconds{2'000}, [&] { return client.get("/api/organizations").status() == 401; });
}

TEST_F(ApiKeysTest, SaysWhenItWasLastUsedAndTellsNobodyElse) {
  const auto made = make("");
  const auto target = "/api/api-keys/" + text_at(made.response.body, "/keyId");
  EXPECT_EQ("", text_at(seller.get(target).response.body, "/lastUsedAt"));
  auto client = world.service().client(text_at(made.response.body, "/key"));
  const auto version = client.get("/api/directory").response.header("etag");
  wait_until(milliseconds{5'000}, [&] {
    return !text_at(seller.get(target).response.body, "/lastUsedAt").empty();
  });
  const auto first = text_at(seller.get(target).response.body, "/lastUsedAt");
  EXPECT_EQ(version, client.get("/api/directory").response.header("etag"));
  EXPECT_EQ(first, text_at(seller.get(target).response.body, "/lastUsedAt"));
}

TEST_F(ApiKeysTest, AKeyMakesNoKeys) {
  expect_problem(
      admin.post("/api/api-keys", R"({"name":"x","scopes":["credits:read"]})"), 403, "insufficient_role"
  );
  expect_problem(admin.get("/api/api-keys"), 403, "insufficient_role");
}

TEST_F(ApiKeysTest, AnotherTenantsKeyLooksLikeNone) {
  const auto other = world.service().create_tenant();
  world.service().create_api_key(other, {"credits:read"});
  auto elsewhere = world.service().operator_client();
  elsewhere.set_header("X-Tenant", other);
  const auto theirs =
      "/api/api-keys/" + text_at(elsewhere.get("/api/api-keys").response.body, "/apiKeys/0/keyId");
  EXPECT_EQ(200, elsewhere.get(theirs).status());
  expect_problem(seller.get(theirs), 404, "api_key_unknown");
  expect_problem(seller.put(theirs, R"({"name":"x"})"), 404, "api_key_unknown");
  expect_problem(seller.remove(theirs), 404, "api_key_unknown");
}

struct bad_call {
  std::string method, target, body;
  int status;
  std::string code;
};

TEST_F(ApiKeysTest, BadCallsChangeNothing) {
  const auto before = seller.get("/api/api-keys").response.body;
  const auto id = text_at(before, "/apiKeys/0/keyId");
  const std::string base = R"({"name":"x","scopes":["credits:read"])";
  const bad_call table[] = {
      {"POST", "/api/api-keys", "{}", 422, "validation_failed"},
      {"POST", "/api/api-keys", R"({"name":"x"})", 422, "validation_failed"},
      {"POST", "/api/api-keys", R"({"name":"x","scopes":[]})", 422, "validation_failed"},
      {"POST", "/api/api-keys", R"({"name":"x","scopes":["everything"]})", 422, "unknown_scope"},
      {"POST", "/api/api-keys", R"({"name":"x","scopes":"credits:read"})", 400, "invalid_type"},
      {"POST", "/api/api-keys", base + R"(,"entityType":"organization"})", 422, "validation_failed"},
      {"POST",
       "/api/api-keys",
       base + R"(,"entityType":"planet","entityId":"a"})",
       422,
       "unknown_entity_type"},
      {"POST",
       "/api/api-keys",
       base + R"(,"entityType":"organization","entityId":"z"})",
       404,
       "entity_unknown"},
      {"POST", "/api/api-keys", base + R"(,"application":"z"})", 422, "unknown_application"},
      {"POST", "/api/api-keys", base + R"(,"expiresAt":"tomorrow"})", 422, "validation_failed"},
      {"POST", "/api/api-keys", base + R"(,"key":"tsk_mine"})", 422, "unknown_field"},
      {"POST", "/api/api-keys", base + R"(,"tenantId":"other"})", 422, "unknown_field"},
      {"PUT", "/api/api-keys/" + id, R"({"application":"crm"})", 422, "unknown_field"},
      {"PUT", "/api/api-keys/" + id, R"({"scopes":["everything"]})", 422, "unknown_scope"},
      {"PUT", "/api/api-keys/" + id, R"({"keyId":"other"})", 422, "validation_failed"},
      {"PUT", "/api/api-keys/nobody", R"({"name":"x"})", 404, "api_key_unknown"},
      {"DELETE", "/api/api-keys/nobody", "", 404, "api_key_unknown"},
      {"DELETE", "/api/api-keys/%ff", "", 404, "api_key_unknown"},
      {"GET", "/api/api-keys?colour=red", "", 422, "unknown_parameter"},
  };
  for (const auto& row : table) {
    const auto answer = send(seller, row.method, row.target, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.method << row.target << row.body << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code"))
        << row.target << row.body << answer.response.body;
  }
  EXPECT_EQ(before, seller.get("/api/api-keys").response.body);
}

class UsersTest : public directory_world {
protected:
  UsersTest() {
    make_tree();
    make_user("boss", 4);
    make_user("usr-1", 1);
  }
};

TEST_F(UsersTest, AreListedReadAndChanged) {
  EXPECT_EQ(2u, size_at(admin.get("/api/users").response.body, "/users"));
  EXPECT_EQ(1u, size_at(admin.get("/api/users?role=tenant_admin").response.body, "/users"));
  EXPECT_EQ(0u, size_at(admin.get("/api/users?status=disabled").response.body, "/users"));
  const auto changed = seller.put(
      "/api/users/usr-1",
      R"({"role":"location_manager","entityAssignments":[{"entityType":"location","entityId":"l","role":"editor"}],)"
      R"("applicationAccess":["crm"],"status":"active"})"
  );
  ASSERT_EQ(200, changed.status()) << changed.response.body;
  EXPECT_EQ("location_manager", text_at(changed.response.body, "/role"));
  EXPECT_EQ("l", text_at(changed.response.body, "/entityAssignments/0/entityId"));
  EXPECT_EQ("crm", text_at(changed.response.body, "/applicationAccess/0"));
  EXPECT_EQ(changed.response.body, seller.get("/api/users/usr-1").response.body);
  auto bound =
      world.service().client(world.service().create_api_key(tenant, {"directory:read"}, {}, "organization/a")
      );
  EXPECT_EQ(1u, size_at(bound.get("/api/users").response.body, "/users"));
  expect_problem(bound.get("/api/users/boss"), 403, "entity_out_of_scope"); // of the tenant, and of no part
  expect_problem(bound.get("/api/users/nobody"), 404, "user_unknown");
}

TEST_F(UsersTest, ATenantKeepsAnAdministrator) {
  expect_problem(
      seller.put("/api/users/boss", R"({"role":"tenant_admin","status":"disabled"})"),
      409,
      "last_tenant_admin"
  );
  expect_problem(seller.remove("/api/users/boss"), 409, "last_tenant_admin");
  const header_list once{{"Idempotency-Key", "remove " + tenant}};
  EXPECT_EQ(200, seller.remove("/api/users/usr-1", once).status());
  EXPECT_EQ("true", seller.remove("/api/users/usr-1", once).response.header("idempotent-replayed"));
  expect_problem(seller.remove("/api/users/usr-1"), 404, "user_unknown");
}

TEST_F(UsersTest, BadCallsChangeNothing) {
  const auto before = seller.get("/api/users").response.body;
  const auto at = [](const std::string& id, const std::string& role = "viewer") {
    return R"({"entityType":"organization","entityId":")" + id + R"(","role":")" + role + "\"}";
  };
  const bad_call table[] = {
      {"PUT", "/api/users/usr-1", R"({"role":"king"})", 422, "validation_failed"},
      {"PUT", "/api/users/usr-1", R"({"role":4})", 400, "invalid_type"},
      {"PUT", "/api/users/usr-1", R"({"status":"gone"})", 422, "validation_failed"},
      {"PUT", "/api/users/usr-1", R"({"email":"a@b.example"})", 422, "unknown_field"},
      {"PUT", "/api/users/usr-1", R"({"entityAssignments":[)" + at("nowhere") + "]}", 404, "entity_unknown"},
      {"PUT",
       "/api/users/usr-1",
       R"({"entityAssignments":[)" + at("a", "owner") + "]}",
       422,
       "validation_failed"},
      {"PUT",
       "/api/users/usr-1",
       R"({"entityAssignments":[)" + at("a") + "," + at("a") + "]}",
       422,
       "invalid_assignments"},
      {"PUT", "/api/users/usr-1", R"({"role":"organization_admin"})", 422, "invalid_assignments"},
      {"PUT",
       "/api/users/usr-1",
       R"({"role":"location_manager","entityAssignments":[)" + at("a") + "]}",
       422,
       "invalid_assignments"},
      {"PUT", "/api/users/usr-1", R"({"entityAssignments":[]})", 422, "invalid_assignments"},
      {"PUT",
       "/api/users/usr-1",
       R"({"role":"tenant_admin","applicationAccess":["nothing"]})",
       422,
       "unknown_application"},
      {"PUT", "/api/users/nobody", R"({"status":"active"})", 404, "user_unknown"},
      {"DELETE", "/api/users/nobody", "", 404, "user_unknown"},
      {"GET", "/api/users?role=king", "", 422, "invalid_parameter"},
      {"POST", "/api/users", "{}", 405, "method_not_allowed"},
  };
  for (const auto& row : table) {
    const auto answer = send(seller, row.method, row.target, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.method << row.target << row.body << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code"))
        << row.target << row.body << answer.response.body;
  }
  EXPECT_EQ(before, seller.get("/api/users").response.body);
}

TEST_F(UsersTest, OfAnotherTenantLookLikeNone) {
  auto elsewhere = world.service().operator_client();
  elsewhere.set_header("X-Tenant", world.service().create_tenant());
  expect_problem(elsewhere.get("/api/users/usr-1"), 404, "user_unknown");
  expect_problem(elsewhere.put("/api/users/usr-1", R"({"status":"disabled"})"), 404, "user_unknown");
  expect_problem(elsewhere.remove("/api/users/usr-1"), 404, "user_unknown");
}

} // namespace

} // namespace tessera::test
