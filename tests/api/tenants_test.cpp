// Tenants and their settings, over HTTP.
#include "tests/api/directory_world.hpp"

namespace tessera::test {

namespace {

class TenantsTest : public directory_world {
protected:
  static std::string fresh() {
    static int last = 0;
    return "made-" + std::to_string(++last);
  }
  static std::string order(const std::string& id, const std::string& more = {}) {
    return R"({"id":")" + id + R"(","name":"Made","admin":{"email":"Boss@Example.COM","firstName":"Ann"})" +
           more + "}";
  }
  http_client operating = world.service().operator_client();
};

TEST_F(TenantsTest, TheOperatorMakesOneWithItsAdministrator) {
  const auto id = fresh();
  const header_list once{{"Idempotency-Key", "make " + id}};
  const auto made = operating.post(
      "/api/tenants", order(id, R"(,"timezone":"Asia/Kolkata","currency":"inr","plan":"starter")"), once
  );
  ASSERT_EQ(201, made.status()) << made.response.body;
  EXPECT_EQ(id, text_at(made.response.body, "/tenantId"));
  const auto again = operating.post(
      "/api/tenants", order(id, R"(,"timezone":"Asia/Kolkata","currency":"inr","plan":"starter")"), once
  );
  EXPECT_EQ(made.response.body, again.response.body);
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  expect_problem(operating.post("/api/tenants", order(id)), 409, "id_taken");
  expect_problem(operating.post("/api/tenants", order(fresh()), once), 422, "idempotency_key_reused");

  const auto read = operating.get("/api/tenants/" + id);
  ASSERT_EQ(200, read.status()) << read.response.body;
  EXPECT_EQ("Asia/Kolkata", text_at(read.response.body, "/timezone"));
  EXPECT_EQ("INR", text_at(read.response.body, "/currency"));
  EXPECT_EQ("starter", text_at(read.response.body, "/plan"));
  EXPECT_EQ("21:00", text_at(read.response.body, "/policies/quietHours/from"));
  auto there = world.service().operator_client();
  there.set_header("X-Tenant", id);
  const auto people = there.get("/api/users");
  EXPECT_EQ(text_at(made.response.body, "/adminUserId"), text_at(people.response.body, "/users/0/userId"));
  EXPECT_EQ("tenant_admin", text_at(people.response.body, "/users/0/role"));
  EXPECT_EQ("Boss@Example.COM", text_at(people.response.body, "/users/0/email"));
}

/// What is kept of a call must not tell whoever guesses its password.
TEST_F(TenantsTest, APasswordIsNoPartOfTheKeysCommand) {
  const auto id = fresh();
  const auto with_password = [&](const std::string& password) {
    return R"({"id":")" + id + R"(","name":"Made","admin":{"email":"ann@made.example","password":")" +
           password + "\"}}";
  };
  const header_list once{{"Idempotency-Key", "make " + id}};
  ASSERT_EQ(201, operating.post("/api/tenants", with_password("correct horse battery"), once).status());
  const auto again = operating.post("/api/tenants", with_password("another long password"), once);
  EXPECT_EQ(201, again.status()) << again.response.body;
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  const auto sign_in = [&](const std::string& password) {
    return world.service().client().post(
        "/api/auth/login",
        R"({"email":"ann@made.example","tenantId":")" + id + R"(","password":")" + password + "\"}"
    );
  };
  EXPECT_EQ(200, sign_in("correct horse battery").status()); // the first one counts
  EXPECT_EQ(401, sign_in("another long password").status());
  expect_problem(
      operating.post(
          "/api/tenants", R"({"id":")" + id + R"(","name":"Made","admin":{"email":"ann@made.example"}})", once
      ),
      422,
      "idempotency_key_reused"
  );
}

TEST_F(TenantsTest, AreListedInPages) {
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(201, operating.post("/api/tenants", order(fresh())).status());
  std::size_t listed = 0;
  std::string cursor;
  do {
    const auto page = operating.get("/api/tenants?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(200, page.status()) << page.response.body;
    listed += size_at(page.response.body, "/tenants").value_or(0);
    cursor = text_at(page.response.body, "/nextCursor");
  } while (!cursor.empty());
  EXPECT_EQ(std::to_string(listed), query("SELECT count(*) FROM tenants"));
}

TEST_F(TenantsTest, AreTheOperatorsOnly) {
  for (const auto* target : {"/api/tenants", "/api/tenants/acme"}) {
    expect_problem(admin.get(target), 403, "insufficient_role");
    expect_problem(world.service().client().get(target), 401, "unauthorized");
  }
  expect_problem(admin.post("/api/tenants", order(fresh())), 403, "insufficient_role");
  expect_problem(admin.put("/api/tenants/" + tenant, R"({"plan":"enterprise"})"), 403, "insufficient_role");
  expect_problem(admin.put("/api/tenant", R"({"name":"x"})"), 403, "insufficient_role");
}

TEST_F(TenantsTest, SettingsAreChangedInPartsAndReadBack) {
  const auto target = "/api/tenants/" + tenant;
  const auto changed = operating.put(
      target,
      R"({"name":"Acme","branding":{"displayName":"Acme","primaryColor":"#1a2b3c","publicBaseUrl":"https://acme.example"},)"
      R"("policies":{"managesCredits":true,"seatLimit":10,"allowedEmailDomains":["acme.example"],"quietHours":{"from":"20:30"}}})"
  );
  ASSERT_EQ(200, changed.status()) << changed.response.body;
  EXPECT_EQ("20:30", text_at(changed.response.body, "/policies/quietHours/from"));
  EXPECT_EQ("08:00", text_at(changed.response.body, "/policies/quietHours/to"));
  EXPECT_EQ(10, integer_at(changed.response.body, "/policies/seatLimit"));
  const auto next =
      operating.put(target, R"({"branding":{"displayName":null},"policies":{"seatLimit":null}})");
  EXPECT_EQ("", text_at(next.response.body, "/branding/displayName"));
  EXPECT_EQ("#1a2b3c", text_at(next.response.body, "/branding/primaryColor"));
  EXPECT_EQ(true, boolean_at(next.response.body, "/policies/managesCredits"));
  EXPECT_EQ("\"v3\"", next.response.header("etag"));
  EXPECT_EQ(next.response.body, admin.get("/api/tenant").response.body);
  expect_problem(
      operating.put(target, R"({"name":"x"})", {{"If-Match", "\"v1\""}}), 412, "precondition_failed"
  );
}

TEST_F(TenantsTest, ANewTimeZoneDecidesWhenCreditsEnd) {
  make_tree();
  world.service().create_package(tenant, "thousand", 1000, 5000);
  ASSERT_EQ(200, seller.put("/api/tenant", R"({"timezone":"Asia/Kolkata"})").status());
  auto buyer =
      world.client_with(world.service().create_api_key(tenant, {"credits:purchase", "credits:read"}), "crm");
  ASSERT_EQ(
      201,
      buyer
          .post(
              "/api/credits/purchase",
              R"({"entityType":"location","entityId":"l","packageId":"thousand","paymentMethod":"test"})"
          )
          .status()
  );
  const auto lots = buyer.get("/api/credits/lots/location/l").response.body;
  EXPECT_NE(std::string::npos, text_at(lots, "/lots/0/expiresAt").find("T18:30:00")) << lots;
}

struct bad_call {
  std::string method, target, body;
  int status;
  std::string code;
};

TEST_F(TenantsTest, BadCallsChangeNothing) {
  const auto before = operating.get("/api/tenants/" + tenant).response.body;
  const auto own = "/api/tenants/" + tenant;
  const auto admin_of = [](const std::string& members) {
    return R"({"name":"x","admin":{)" + members + "}}";
  };
  const bad_call table[] = {
      {"POST", "/api/tenants", "{}", 422, "validation_failed"},
      {"POST", "/api/tenants", R"({"name":"x"})", 422, "validation_failed"},
      {"POST", "/api/tenants", admin_of(R"("email":"nobody")"), 422, "invalid_email"},
      {"POST", "/api/tenants", admin_of(R"("email":"a@b")"), 422, "invalid_email"},
      {"POST", "/api/tenants", admin_of(R"("email":"a b@c.example")"), 422, "invalid_email"},
      {"POST", "/api/tenants", order("no good"), 422, "invalid_id"},
      {"POST", "/api/tenants", order(fresh(), R"(,"timezone":"Mars/Olympus")"), 422, "invalid_timezone"},
      {"POST",
       "/api/tenants",
       order(fresh(), R"(,"timezone":"../../etc/localtime")"),
       422,
       "invalid_timezone"},
      {"POST", "/api/tenants", order(fresh(), R"(,"currency":"XXX")"), 422, "unsupported_currency"},
      {"POST", "/api/tenants", order(fresh(), R"(,"plan":"gold")"), 422, "validation_failed"},
      {"POST", "/api/tenants", order(fresh(), R"(,"policies":{})"), 422, "unknown_field"},
      {"PUT", own, R"({"policies":{"colour":"red"}})", 422, "unknown_field"},
      {"PUT", own, R"({"policies":{"seatLimit":0}})", 422, "validation_failed"},
      {"PUT", own, R"({"policies":{"seatLimit":"3"}})", 400, "invalid_type"},
      {"PUT", own, R"({"policies":{"onInviterChange":"ignore"}})", 422, "validation_failed"},
      {"PUT", own, R"({"policies":{"smsCountries":["Germany"]}})", 422, "validation_failed"},
      {"PUT", own, R"({"policies":{"allowedEmailDomains":["@acme"]}})", 422, "validation_failed"},
      {"PUT", own, R"({"policies":{"quietHours":{"from":"25:00"}}})", 422, "validation_failed"},
      {"PUT", own, R"({"policies":{"quietHours":{"until":"08:00"}}})", 422, "unknown_field"},
      {"PUT", own, R"({"branding":{"primaryColor":"red"}})", 422, "validation_failed"},
      {"PUT", own, R"({"branding":{"logoUrl":"javascript:alert"}})", 422, "validation_failed"},
      {"PUT", own, R"({"branding":{"publicBaseUrl":"https://a.example/x"}})", 422, "validation_failed"},
      {"PUT", own, R"({"timezone":"Nowhere/Land"})", 422, "invalid_timezone"},
      {"PUT", own, R"({"tenantId":"other"})", 422, "validation_failed"},
      {"PUT", "/api/tenants/nobody", R"({"name":"x"})", 404, "tenant_unknown"},
      {"GET", "/api/tenants/nobody", "", 404, "tenant_unknown"},
      {"GET", "/api/tenants/%ff", "", 404, "tenant_unknown"},
      {"GET", "/api/tenants?colour=red", "", 422, "unknown_parameter"},
      {"DELETE", own, "", 405, "method_not_allowed"},
  };
  const auto tenants = query("SELECT count(*) FROM tenants");
  for (const auto& row : table) {
    const auto answer = send(operating, row.method, row.target, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.method << row.target << row.body << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code"))
        << row.target << row.body << answer.response.body;
  }
  EXPECT_EQ(before, operating.get(own).response.body);
  EXPECT_EQ(tenants, query("SELECT count(*) FROM tenants"));
}

} // namespace

} // namespace tessera::test
