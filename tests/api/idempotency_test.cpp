// Idempotency-Key of calls that make things in the directory.
#include "tests/api/api_world.hpp"

#include <future>
#include <set>

namespace tessera::test {

namespace {

struct made_thing {
  const char* route;
  std::string body;
  std::string other; // another command
  const char* id_name;
};

std::vector<made_thing> things(const std::string& parent, const std::string& suffix) {
  return {
      {"/api/organizations",
       R"({"name":"A","parentId":")" + parent + "\"}",
       R"({"name":"B","parentId":")" + parent + "\"}",
       "/organizationId"},
      {"/api/locations",
       R"({"name":"A","organizationId":")" + parent + "\"}",
       R"({"name":"B","organizationId":")" + parent + "\"}",
       "/locationId"},
      {"/api/applications",
       R"({"id":"app-)" + suffix + R"(","name":"A"})",
       R"({"id":"app-)" + suffix + R"(","name":"B"})",
       "/applicationId"},
  };
}

} // namespace

TEST(IdempotencyTest, ARepeatedCallMakesOneThing) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto parent = world.organization(0);
  for (const auto& thing : things(parent, "once")) {
    const header_list key{{"Idempotency-Key", "make " + parent}}; // the same key on each route
    const auto first = client.post(thing.route, thing.body, key);
    const auto again = client.post(thing.route, thing.body, key);

    ASSERT_EQ(201, first.status()) << first.response.body;
    EXPECT_EQ(201, again.status()) << thing.route;
    EXPECT_EQ(first.response.body, again.response.body) << "an id that was made here is the first one";
    EXPECT_EQ("", first.response.header("idempotent-replayed"));
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    const auto other = client.post(thing.route, thing.other, key);
    EXPECT_EQ(422, other.status());
    EXPECT_EQ("idempotency_key_reused", text_at(other.response.body, "/code"));
    EXPECT_EQ(400, client.post(thing.route, thing.body, {{"Idempotency-Key", "\x01"}}).status());
  }
}

TEST(IdempotencyTest, DuplicatesAtOnceMakeOneThing) {
  auto& world = api_world::instance();
  const auto parent = world.organization(0);
  for (const auto& thing : things(parent, "at-once")) {
    std::vector<std::future<http_exchange>> calls;
    for (int i = 0; i < 6; ++i)
      calls.push_back(std::async(std::launch::async, [&] {
        auto client = world.client();
        return client.post(thing.route, thing.body, {{"Idempotency-Key", "race " + parent}});
      }));
    std::set<std::string> bodies;
    int first_answers = 0;
    for (auto& call : calls) {
      const auto answer = call.get();
      EXPECT_EQ(201, answer.status()) << answer.response.body;
      bodies.insert(answer.response.body);
      first_answers += answer.response.header("idempotent-replayed").empty() ? 1 : 0;
    }
    EXPECT_EQ(1u, bodies.size());
    EXPECT_EQ(1, first_answers);
  }
}

TEST(IdempotencyTest, ARefusalLeavesTheKeyFree) {
  auto& world = api_world::instance();
  auto client = world.client();
  const header_list key{{"Idempotency-Key", "late parent"}};
  const auto body = R"({"id":"loc-late","name":"A","organizationId":"org-late"})";

  EXPECT_EQ(404, client.post("/api/locations", body, key).status());
  world.service().create_organization(world.all(), "org-late");
  EXPECT_EQ(201, client.post("/api/locations", body, key).status());
}

TEST(IdempotencyTest, TenantsDoNotShareKeys) {
  auto& world = api_world::instance();
  auto client = world.client();
  const auto stranger = world.service().create_tenant();
  auto elsewhere = world.service().client(world.service().create_api_key(stranger, {"directory:write"}));
  const header_list key{{"Idempotency-Key", "everybody's"}};
  const auto body = R"({"id":"shared","name":"A"})";

  EXPECT_EQ(201, client.post("/api/applications", body, key).status());
  const auto other = elsewhere.post("/api/applications", body, key);
  EXPECT_EQ(201, other.status());
  EXPECT_EQ("", other.response.header("idempotent-replayed"));
}

/// What somebody else was told is nobody's to hear who sends the same words under the same key.
TEST(IdempotencyTest, AnAnswerIsForWhoeverAskedFirst) {
  auto& world = api_world::instance();
  const auto tenant = world.service().create_tenant();
  const auto key = [&] { return world.service().create_api_key(tenant, {"directory:write"}); };
  auto first = world.service().client(key());
  auto other = world.service().client(key());
  ASSERT_EQ(201, first.post("/api/applications", R"({"id":"crm","name":"CRM"})").status());
  struct {
    std::string method, target, body;
  } const table[] = {
      {"POST", "/api/organizations", R"({"id":"a","name":"A"})"},
      {"PUT", "/api/organizations/a", R"({"name":"B"})"},
      {"POST", "/api/locations", R"({"id":"l","name":"L","organizationId":"a"})"},
      {"DELETE", "/api/locations/l", ""},
      {"POST", "/api/applications", R"({"id":"hr","name":"HR"})"},
      {"PUT", "/api/applications/hr", R"({"name":"People"})"},
      {"DELETE", "/api/applications/hr", ""},
      {"PUT", "/api/directory", R"({"organizations":[{"id":"c","name":"C"}]})"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.method + " " + row.target);
    const auto ask = [&](http_client& by, const std::string& application) {
      header_list headers{{"Idempotency-Key", "first " + row.target}};
      if (!row.body.empty()) headers.emplace_back("Content-Type", "application/json");
      if (!application.empty()) headers.emplace_back("X-Application", application);
      return by.send({.method = row.method, .target = row.target, .headers = headers, .body = row.body});
    };
    const auto made = ask(first, "");
    ASSERT_LT(made.status(), 300) << made.response.body;
    EXPECT_EQ("true", ask(first, "").response.header("idempotent-replayed"));
    for (const auto& answer : {ask(other, ""), ask(first, "crm")}) {
      EXPECT_EQ(422, answer.status()) << answer.response.body;
      EXPECT_EQ("idempotency_key_reused", text_at(answer.response.body, "/code"));
    }
  }
}

TEST(IdempotencyTest, AnswersOutliveARestart) {
  tessera_service service;
  const auto tenant = service.create_tenant();
  const auto key = service.create_api_key(tenant, {"directory:write"});
  const header_list once{{"Idempotency-Key", "before the crash"}};
  const auto body = R"({"name":"A"})";
  const auto first = service.client(key).post("/api/organizations", body, once);
  ASSERT_EQ(201, first.status());

  service.crash_and_restart();

  const auto again = service.client(key).post("/api/organizations", body, once);
  EXPECT_EQ(first.response.body, again.response.body);
  EXPECT_EQ("true", again.response.header("idempotent-replayed"));
}

TEST(IdempotencyTest, TwoPurchasesAtOnceBuyOnce) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  const auto order =
      R"({"packageId":"thousand","paymentMethod":"test","entityType":"organization","entityId":")" +
      organization + "\"}";
  std::vector<std::future<http_exchange>> calls;
  for (int i = 0; i < 6; ++i)
    calls.push_back(std::async(std::launch::async, [&] {
      auto client = world.client();
      return client.post("/api/credits/purchase", order, {{"Idempotency-Key", "race " + organization}});
    }));
  std::set<std::string> bodies;
  for (auto& call : calls)
    bodies.insert(call.get().response.body);
  EXPECT_EQ(1u, bodies.size()) << *bodies.begin();
  auto client = world.client();
  const auto list = client.get("/api/credits/purchases?entityType=organization&entityId=" + organization);
  EXPECT_EQ(1u, size_at(list.response.body, "/purchases"));
}

} // namespace tessera::test
