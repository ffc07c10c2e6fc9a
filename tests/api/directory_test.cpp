// Organisations, locations, applications and the whole tree, over HTTP.
#include "tests/api/directory_world.hpp"

namespace tessera::test {

namespace {

class DirectoryApiTest : public directory_world {};

TEST_F(DirectoryApiTest, AnEntityIsReadRenamedAndMoved) {
  make_tree();
  const auto target = "/api/organizations/a1";
  const auto read = admin.get(target);
  ASSERT_EQ(200, read.status()) << read.response.body;
  EXPECT_EQ("a1", text_at(read.response.body, "/organizationId"));
  EXPECT_EQ("a", text_at(read.response.body, "/parentId"));
  EXPECT_EQ("\"v1\"", read.response.header("etag"));

  const auto renamed = admin.put(target, R"({"name":"Other"})");
  ASSERT_EQ(200, renamed.status()) << renamed.response.body;
  EXPECT_EQ("Other", text_at(renamed.response.body, "/name"));
  EXPECT_EQ("\"v2\"", renamed.response.header("etag"));
  EXPECT_EQ(200, admin.put(target, R"({"parentId":"b"})").status());
  EXPECT_EQ("b", text_at(admin.get(target).response.body, "/parentId"));
  EXPECT_EQ(200, admin.put(target, R"({"parentId":null})").status());
  EXPECT_EQ("", text_at(admin.get(target).response.body, "/parentId"));
  EXPECT_EQ(200, admin.put("/api/locations/l", R"({"organizationId":"b"})").status());
  EXPECT_EQ("b", text_at(admin.get("/api/locations/l").response.body, "/organizationId"));
}

TEST_F(DirectoryApiTest, CyclesAreRefused) {
  make_tree();
  expect_problem(admin.put("/api/organizations/a", R"({"parentId":"a1"})"), 422, "directory_cycle");
  expect_problem(admin.put("/api/organizations/a", R"({"parentId":"a"})"), 422, "directory_cycle");
}

TEST_F(DirectoryApiTest, IfMatchGuardsAgainstLostEdits) {
  make_tree();
  const header_list seen{{"If-Match", "\"v1\""}};
  for (const auto* target : {"/api/organizations/a1", "/api/locations/l", "/api/applications/crm"}) {
    EXPECT_EQ(200, admin.put(target, R"({"name":"A"})", seen).status());
    expect_problem(admin.put(target, R"({"name":"B"})", seen), 412, "precondition_failed");
    expect_problem(admin.remove(target, seen), 412, "precondition_failed");
    expect_problem(admin.put(target, "{}", {{"If-Match", "v2"}}), 400, "invalid_if_match");
  }
}

TEST_F(DirectoryApiTest, DeletingIsOnceAndAReplayHearsSo) {
  make_tree();
  expect_problem(admin.remove("/api/organizations/a1"), 409, "entity_has_children");
  const header_list once{{"Idempotency-Key", "delete l"}};
  const auto first = admin.remove("/api/locations/l", once);
  ASSERT_EQ(200, first.status()) << first.response.body;
  const auto again = admin.remove("/api/locations/l", once);
  EXPECT_EQ(first.response.body, again.response.body);
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
  expect_problem(admin.remove("/api/locations/l"), 404, "entity_unknown");
  expect_problem(admin.get("/api/locations/l"), 404, "entity_unknown");
  expect_problem(
      admin.post("/api/locations", R"({"id":"l","name":"L","organizationId":"a1"})"), 409, "id_taken"
  );
  expect_problem(admin.remove("/api/organizations/a1?returnTo=parent"), 403, "insufficient_scope");
  expect_problem(admin.remove("/api/organizations/a1?x=1"), 422, "unknown_parameter");
  EXPECT_EQ(200, admin.remove("/api/organizations/a1").status());
}

TEST_F(DirectoryApiTest, CreditsStandInTheWayOfADeletion) {
  make_tree();
  world.service().create_package(tenant, "thousand", 1000, 5000);
  auto buyer = world.client_with(
      world.service().create_api_key(tenant, {"credits:purchase", "credits:consume"}), "crm"
  );
  const auto order =
      R"({"entityType":"location","entityId":"l","packageId":"thousand","paymentMethod":"test"})";
  ASSERT_EQ(201, buyer.post("/api/credits/purchase", order).status());
  expect_problem(admin.remove("/api/locations/l"), 409, "entity_has_credits");
  ASSERT_EQ(
      200,
      buyer.post("/api/credits/consume", R"({"entityType":"location","entityId":"l","credits":1000})")
          .status()
  );
  EXPECT_EQ(200, admin.remove("/api/locations/l").status());
  expect_problem(buyer.post("/api/credits/purchase", order), 404, "entity_unknown");
}

TEST_F(DirectoryApiTest, ABoundKeySeesAndChangesItsPartOnly) {
  make_tree();
  auto bound = world.service().client(
      world.service().create_api_key(tenant, {"directory:read", "directory:write"}, {}, "organization/a")
  );
  EXPECT_EQ(2u, size_at(bound.get("/api/organizations").response.body, "/organizations"));
  EXPECT_EQ(1u, size_at(bound.get("/api/locations").response.body, "/locations"));
  expect_problem(bound.get("/api/organizations/b"), 403, "entity_out_of_scope");
  EXPECT_EQ(200, bound.put("/api/organizations/a1", R"({"name":"x"})").status());
  expect_problem(bound.put("/api/organizations/a1", R"({"parentId":"b"})"), 403, "entity_out_of_scope");
  expect_problem(bound.put("/api/organizations/a", R"({"parentId":null})"), 403, "entity_out_of_scope");
  EXPECT_EQ(200, bound.put("/api/organizations/a", R"({"name":"Mine"})").status())
      << "its own, without moving it";
  expect_problem(bound.remove("/api/organizations/a"), 403, "entity_out_of_scope");
  expect_problem(bound.put("/api/directory", "{}"), 403, "entity_out_of_scope");
  expect_problem(bound.put("/api/applications/crm", R"({"name":"x"})"), 403, "entity_out_of_scope");
  expect_problem(bound.post("/api/applications", R"({"id":"new","name":""})"), 403, "entity_out_of_scope");
  expect_problem(bound.post("/api/applications", R"({"id":7})"), 400, "invalid_type");
  const auto tree = bound.get("/api/directory").response.body;
  EXPECT_EQ(2u, size_at(tree, "/organizations"));
  EXPECT_EQ(1u, size_at(tree, "/locations"));
}

TEST_F(DirectoryApiTest, PagesMeetAndCursorsBelongToTheirList) {
  make_tree();
  const auto first = admin.get("/api/organizations?limit=2");
  EXPECT_EQ(2u, size_at(first.response.body, "/organizations"));
  const auto cursor = text_at(first.response.body, "/nextCursor");
  EXPECT_NE(std::string::npos, first.response.header("link").find(cursor));
  const auto second = admin.get("/api/organizations?limit=2&cursor=" + cursor);
  EXPECT_EQ(1u, size_at(second.response.body, "/organizations"));
  EXPECT_EQ("b", text_at(second.response.body, "/organizations/0/organizationId"));
  EXPECT_EQ("", text_at(second.response.body, "/nextCursor"));
  expect_problem(admin.get("/api/locations?cursor=" + cursor), 400, "invalid_cursor");
  expect_problem(admin.get("/api/applications?cursor=" + cursor), 400, "invalid_cursor");
  expect_problem(admin.get("/api/organizations?limit=101"), 422, "invalid_parameter");
  EXPECT_EQ(1u, size_at(admin.get("/api/organizations?parentId=a").response.body, "/organizations"));
  expect_problem(admin.get("/api/organizations?parentId=nowhere"), 404, "entity_unknown");
}

TEST_F(DirectoryApiTest, ApplicationsAreReadRenamedAndEnded) {
  make_tree();
  EXPECT_EQ("crm", text_at(admin.get("/api/applications").response.body, "/applications/0/applicationId"));
  EXPECT_EQ(200, admin.put("/api/applications/crm", R"({"name":"Sales"})").status());
  EXPECT_EQ("Sales", text_at(admin.get("/api/applications/crm").response.body, "/name"));
  auto bound = world.service().client(
      world.service().create_api_key(tenant, {"directory:read", "directory:write"}, "crm")
  );
  EXPECT_EQ(1u, size_at(bound.get("/api/applications").response.body, "/applications"));
  expect_problem(bound.get("/api/applications/hr"), 403, "application_forbidden");
  expect_problem(bound.put("/api/applications/hr", R"({"name":"Mine"})"), 403, "application_forbidden");
  expect_problem(bound.remove("/api/applications/hr"), 403, "application_forbidden");
  for (const auto* nothing : {"/api/applications/nothing", "/api/applications/%ff"})
    expect_problem(bound.get(nothing), 404, "application_unknown");
  EXPECT_EQ(200, admin.remove("/api/applications/crm").status());
  expect_problem(admin.remove("/api/applications/crm"), 404, "application_unknown");
  expect_problem(admin.post("/api/applications", R"({"id":"crm","name":"x"})"), 409, "id_taken");
}

TEST_F(DirectoryApiTest, AnApplicationThatIsNamedIsTheCallersAndRecorded) {
  make_tree();
  auto bound = world.service().client(world.service().create_api_key(tenant, {"directory:write"}, "crm"));
  struct change {
    const char *method, *target, *body;
  };
  const change changes[] = {
      {"POST", "/api/organizations", R"({"name":"x"})"},
      {"PUT", "/api/organizations/a", R"({"name":"x"})"},
      {"DELETE", "/api/locations/l", ""},
      {"POST", "/api/applications", R"({"id":"new","name":"x"})"},
      {"PUT", "/api/applications/crm", R"({"name":"x"})"},
      {"DELETE", "/api/applications/crm", ""},
      {"PUT", "/api/directory", "{}"},
  };
  for (const auto& [method, target, body] : changes) {
    SCOPED_TRACE(std::string(method) + target);
    bound.set_header("X-Application", "hr");
    expect_problem(send(bound, method, target, body), 403, "application_forbidden");
    bound.set_header("X-Application", "erp");
    expect_problem(send(bound, method, target, body), 422, "unknown_application");
  }
  bound.set_header("X-Application", "crm");
  ASSERT_EQ(200, bound.put("/api/applications/crm", R"({"name":"Ours"})").status());
  EXPECT_EQ(
      "crm",
      query("SELECT principal_application FROM directory_changes WHERE subject = 'application/crm'"
            " ORDER BY change_id DESC LIMIT 1")
  );
}

TEST_F(DirectoryApiTest, AKeyOfAnApplicationChangesNoOther) {
  make_tree();
  auto bound = world.service().client(
      world.service().create_api_key(tenant, {"directory:read", "directory:write"}, "crm")
  );
  const auto refused = [](const http_exchange& answer) {
    expect_problem(answer, 403, "application_forbidden");
  };
  refused(bound.post("/api/applications", R"({"id":"erp","name":"ERP"})"));
  refused(bound.put("/api/applications/hr", R"({"name":"Mine"})"));
  refused(bound.remove("/api/applications/hr"));
  refused(bound.put("/api/directory", R"({"applications":[{"id":"hr","name":"Mine"}]})"));
  refused(bound.put("/api/directory", R"({"applications":[{"id":"erp","name":"ERP"}]})"));
  EXPECT_EQ("HR", text_at(admin.get("/api/applications/hr").response.body, "/name"));
  expect_problem(admin.get("/api/applications/erp"), 404, "application_unknown");
  EXPECT_EQ(200, bound.put("/api/applications/crm", R"({"name":"Sales"})").status());
  EXPECT_EQ(200, bound.put("/api/directory", R"({"organizations":[{"id":"c","name":"C"}]})").status());
}

TEST_F(DirectoryApiTest, TheTreeComesInOneAnswerAndGoesBackInOne) {
  const std::string tree =
      R"({"locations":[{"id":"l","name":"L","organizationId":"a1"}],"organizations":[)"
      R"({"id":"a1","name":"A1","parentId":"a"},{"id":"a","name":"A"}],"applications":[{"id":"hr","name":"HR"}]})";
  const auto before = admin.get("/api/directory");
  const auto put = admin.put("/api/directory", tree);
  ASSERT_EQ(200, put.status()) << put.response.body;
  EXPECT_EQ(R"({"success":true,"created":4,"updated":0,"unchanged":0})", put.response.body);
  EXPECT_EQ(
      R"({"success":true,"created":0,"updated":0,"unchanged":4})",
      admin.put("/api/directory", tree).response.body
  );
  const auto read = admin.get("/api/directory");
  EXPECT_EQ(tenant, text_at(read.response.body, "/tenantId"));
  EXPECT_EQ("a1", text_at(read.response.body, "/organizations/1/organizationId"));
  EXPECT_EQ("a", text_at(read.response.body, "/organizations/1/parentId"));
  EXPECT_EQ("a1", text_at(read.response.body, "/locations/0/organizationId"));
  EXPECT_NE(before.response.header("etag"), read.response.header("etag"));
  EXPECT_EQ(read.response.header("etag"), admin.get("/api/directory").response.header("etag"));

  const auto page = admin.get("/api/directory?limit=2");
  EXPECT_EQ(2u, size_at(page.response.body, "/organizations"));
  EXPECT_EQ(0u, size_at(page.response.body, "/locations"));
  const auto next = admin.get("/api/directory?limit=2&cursor=" + text_at(page.response.body, "/nextCursor"));
  EXPECT_EQ(1u, size_at(next.response.body, "/locations")) << next.response.body;
}

TEST_F(DirectoryApiTest, IfMatchGuardsTheWholeTree) {
  make_tree();
  const auto seen = admin.get("/api/directory").response.header("etag");
  ASSERT_EQ(200, admin.put("/api/organizations/b", R"({"name":"Meanwhile"})").status());
  const auto stale = R"({"organizations":[{"id":"b","name":"B"}]})";
  expect_problem(admin.put("/api/directory", stale, {{"If-Match", seen}}), 412, "precondition_failed");
  EXPECT_EQ("Meanwhile", text_at(admin.get("/api/organizations/b").response.body, "/name"));
  const auto now = admin.get("/api/directory").response.header("etag");
  EXPECT_EQ(200, admin.put("/api/directory", stale, {{"If-Match", now}}).status());
  expect_problem(admin.put("/api/directory", stale, {{"If-Match", "v2"}}), 400, "invalid_if_match");
}

TEST_F(DirectoryApiTest, ATreeIsTakenWholeOrNotAtAll) {
  const auto refused = [&](const std::string& body, int status, const std::string& code) {
    expect_problem(admin.put("/api/directory", body), status, code);
  };
  refused(
      R"({"organizations":[{"id":"a","name":"A"},{"id":"b","name":"B","parentId":"x"}]})",
      404,
      "parent_unknown"
  );
  refused(
      R"({"organizations":[{"id":"a","name":"A","parentId":"b"},{"id":"b","name":"B","parentId":"a"}]})",
      422,
      "directory_cycle"
  );
  refused(R"({"organizations":[{"id":"a","name":"A"},{"id":"a","name":"B"}]})", 422, "duplicate_id");
  refused(R"({"organizations":[{"id":"a","name":"A","colour":1}]})", 422, "unknown_field");
  refused(R"({"users":[]})", 422, "unknown_field");
  refused(R"({"organizations":{}})", 400, "invalid_type");
  EXPECT_EQ(0u, size_at(admin.get("/api/directory").response.body, "/organizations"));
}

TEST_F(DirectoryApiTest, TenThousandInOneCall) {
  std::string body = R"({"organizations":[{"id":"all","name":"All"}],"locations":[)";
  for (int i = 0; i < 9'999; ++i)
    body += (i ? "," : "") + std::string(R"({"id":"loc-)") + std::to_string(i) +
            R"(","name":"A location of many","organizationId":"all"})";
  admin.set_timeout(milliseconds{30'000});
  const auto put = admin.put("/api/directory", body + "]}");
  ASSERT_EQ(200, put.status()) << put.response.body;
  EXPECT_EQ(10'000, integer_at(put.response.body, "/created"));
  const auto read = admin.get("/api/directory");
  EXPECT_EQ(9'999u, size_at(read.response.body, "/locations"));
  const auto one_more = body + R"(,{"id":"one-more","name":"x","organizationId":"all"}]})";
  expect_problem(admin.put("/api/directory", one_more), 422, "too_many_items");
}

struct bad_call {
  std::string method, target, body;
  int status;
  std::string code;
};

TEST_F(DirectoryApiTest, BadCallsChangeNothing) {
  make_tree();
  const auto before = admin.get("/api/directory").response;
  const bad_call table[] = {
      {"PUT", "/api/organizations/a", "[]", 400, "invalid_type"},
      {"PUT", "/api/organizations/a", "{", 400, "invalid_json"},
      {"PUT", "/api/organizations/a", R"({"name":1})", 400, "invalid_type"},
      {"PUT", "/api/organizations/a", R"({"name":null})", 400, "invalid_type"},
      {"PUT", "/api/organizations/a", R"({"name":""})", 422, "validation_failed"},
      {"PUT", "/api/organizations/a", R"({"name":"x","name":"y"})", 400, "invalid_json"},
      {"PUT", "/api/organizations/a", R"({"parentId":"no good"})", 422, "invalid_id"},
      {"PUT", "/api/organizations/a", R"({"parentId":"nowhere"})", 404, "entity_unknown"},
      {"PUT", "/api/organizations/a", R"({"tenantId":"other"})", 422, "unknown_field"},
      {"PUT", "/api/organizations/a", R"({"organizationId":"z"})", 422, "validation_failed"},
      {"PUT", "/api/organizations/a?x=1", R"({"name":"x"})", 422, "unknown_parameter"},
      {"PUT", "/api/organizations/nowhere", R"({"name":"x"})", 404, "entity_unknown"},
      {"PUT", "/api/organizations/%ff", R"({"name":"x"})", 404, "entity_unknown"},
      {"PUT", "/api/locations/l", R"({"organizationId":null})", 400, "invalid_type"},
      {"PUT", "/api/locations/l", R"({"parentId":"a"})", 422, "unknown_field"},
      {"PUT", "/api/locations/a", R"({"name":"x"})", 404, "entity_unknown"},
      {"DELETE", "/api/locations/nowhere", "", 404, "entity_unknown"},
      {"POST", "/api/applications", R"({"id":"new","name":""})", 422, "validation_failed"},
      {"POST", "/api/applications?x=1", R"({"id":"new","name":"N"})", 422, "unknown_parameter"},
      {"POST", "/api/organizations?x=1", R"({"name":"N"})", 422, "unknown_parameter"},
      {"POST", "/api/locations?x=1", R"({"name":"N","organizationId":"a"})", 422, "unknown_parameter"},
      {"PUT", "/api/applications/crm", R"({"name":""})", 422, "validation_failed"},
      {"PUT", "/api/applications/crm", R"({"id":"x"})", 422, "unknown_field"},
      {"PUT", "/api/applications/nothing", R"({"name":"x"})", 404, "application_unknown"},
      {"DELETE", "/api/applications/nothing", "", 404, "application_unknown"},
      {"DELETE", "/api/applications/%ff", "", 404, "application_unknown"},
      {"GET", "/api/applications?colour=red", "", 422, "unknown_parameter"},
      {"GET", "/api/directory?limit=10001", "", 422, "invalid_parameter"},
      {"GET", "/api/directory?cursor=zzz", "", 400, "invalid_cursor"},
      {"GET", "/api/organizations/a?x=1", "", 422, "unknown_parameter"},
      {"POST", "/api/organizations/a", "{}", 405, "method_not_allowed"},
  };
  for (const auto& row : table) {
    const auto answer = send(admin, row.method, row.target, row.body);
    EXPECT_EQ(row.status, answer.status()) << row.method << row.target << row.body << answer.response.body;
    EXPECT_EQ(row.code, text_at(answer.response.body, "/code"))
        << row.target << row.body << answer.response.body;
  }
  const auto after = admin.get("/api/directory").response;
  EXPECT_EQ(before.body, after.body);
  EXPECT_EQ(before.header("etag"), after.header("etag"));
}

} // namespace

} // namespace tessera::test
