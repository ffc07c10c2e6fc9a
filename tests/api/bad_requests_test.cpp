// What every credits route says to input that nobody should send (reliability 5, rows 20 to 23, 44 to 47 and
// 71 to 75), and that nothing comes of it. What is peculiar to one route is in that route's own test.
#include "tests/api/api_world.hpp"

#include <algorithm>

namespace tessera::test {

namespace {

struct credits_route {
  std::string name, method, target;
  std::string body;    // a good one
  bool seller = false; // the operator's
};

struct expected_problem {
  int status;
  std::string code;
};

/// A service of its own, in which nothing happens but what these tests do.
class BadRequestTest : public testing::Test {
protected:
  struct shop {
    shop() {
      service.create_tenant("t");
      service.create_package("t", "thousand", 1'000, 5'000);
      const std::vector<std::string> scopes{
          "credits:read", "credits:consume", "credits:purchase", "credits:allocate", "directory:write"};
      key = service.create_api_key("t", scopes);
      service.create_application(key, "crm");
      service.create_organization(key, "above");
      service.create_organization(key, "below", "above");
    }
    tessera_service service;
    std::string key;
  };
  static shop& open_shop() {
    static shop one;
    return one;
  }

  static std::vector<credits_route> changes() {
    return {
        {"consume",
         "POST",
         "/api/credits/consume",
         R"({"entityType":"organization","entityId":"above","credits":1})"},
        {"batch",
         "POST",
         "/api/credits/consume",
         R"({"items":[{"entityType":"organization","entityId":"above","credits":1}]})"},
        {"purchase",
         "POST",
         "/api/credits/purchase",
         R"({"entityType":"organization","entityId":"above","packageId":"thousand","paymentMethod":"test"})"},
        {"allocate",
         "POST",
         "/api/credits/allocate",
         R"({"fromEntityType":"organization","fromEntityId":"above","allocations":[)"
         R"({"toEntityType":"organization","toEntityId":"below","credits":1}]})"},
        {"sell",
         "POST",
         "/api/credits/packages",
         R"({"packageId":"new","credits":10,"price":5,"validityDays":30})",
         true},
        {"edit", "PUT", "/api/credits/packages/thousand", R"({"name":"Another"})", true},
    };
  }

  http_client client(const credits_route& route = {}) const {
    auto made = route.seller ? service.operator_client() : service.client(key);
    made.set_header(route.seller ? "X-Tenant" : "X-Application", route.seller ? "t" : "crm");
    return made;
  }
  http_exchange send(const credits_route& route, const std::string& body, header_list headers = {}) const {
    headers.emplace_back("Content-Type", "application/json");
    return client(route).send(
        {.method = route.method, .target = route.target, .headers = headers, .body = body}
    );
  }

  /// How much there is of everything that a call may write.
  std::string rows() {
    std::string query = "SELECT ''";
    for (const auto* table :
         {"credit_entries",
          "credit_inbox",
          "outbox",
          "credit_purchases",
          "credit_allocations",
          "credit_lots",
          "idempotency_keys",
          "idempotency_answers"})
      query += std::string(" || ' ") + table + " ' || (SELECT count(*) FROM " + table + ")";
    return service.cluster().query(
        service.database(), query + " || (SELECT string_agg(p::text, ' ') FROM credit_packages p)"
    );
  }

  void expect_refused(const http_exchange& answer, const expected_problem& expected) {
    EXPECT_EQ(expected.status, answer.status()) << answer.response.body;
    EXPECT_EQ(expected.code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  void expect_nothing_written() { EXPECT_EQ(before, rows()); }
  void TearDown() override { expect_nothing_written(); }

  /// The body with one more member in its outermost object.
  static std::string with(const std::string& body, const std::string& member) {
    return body.substr(0, body.size() - 1) + "," + member + "}";
  }
  static std::string replaced(std::string body, const std::string& what, const std::string& by) {
    if (const auto at = body.find(what); at != std::string::npos) body.replace(at, what.size(), by);
    return body;
  }
  static std::string repeated(const std::string& text, int times) {
    std::string all;
    for (; times > 0; --times)
      all += text;
    return all;
  }

  tessera_service& service = open_shop().service;
  const std::string& key = open_shop().key;
  std::string before = rows();
};

} // namespace

TEST_F(BadRequestTest, BodiesThatAreNoJson) {
  for (const auto& route : changes()) {
    const auto& good = route.body;
    const struct {
      std::string name, body;
      expected_problem expected;
    } cases[] = {
        {"cut off", good.substr(0, good.size() - 1), {400, "invalid_json"}},
        {"a comma too much", replaced(good + "#", "}#", ",}"), {400, "invalid_json"}},
        {"two documents", good + good, {400, "invalid_json"}},
        {"a byte order mark", "\xEF\xBB\xBF" + good, {400, "invalid_json"}},
        {"half a surrogate pair", with(good, R"("x":"\ud800")"), {400, "invalid_json"}},
        {"no UTF-8", with(good, "\"x\":\"\xff\""), {400, "invalid_json"}},
        {"a NUL", with(good, R"("x":"a\u0000b")"), {400, "invalid_json"}},
        {"a NUL in a name", with(good, R"("x\u0000":1)"), {400, "invalid_json"}},
        {"a name twice", with(good, R"("x":1,"x":1)"), {400, "invalid_json"}},
        {"a name twice, written differently", with(good, R"("x":1,"\u0078":1)"), {400, "invalid_json"}},
        {"too deep", with(good, "\"x\":" + repeated("[", 40) + repeated("]", 40)), {400, "invalid_json"}},
        {"far too deep", repeated("[", 30'000), {400, "invalid_json"}},
        {"a comment", good + "// x", {400, "invalid_json"}},
        {"single quotes", "{'credits':1}", {400, "invalid_json"}},
        {"no object", "[]", {400, "invalid_type"}},
        {"a number", "1", {400, "invalid_type"}},
        {"null", "null", {400, "invalid_type"}},
        {"a long string", with(good, "\"x\":\"" + std::string(65'000, 'x') + "\""), {422, "unknown_field"}},
        {"above 64 KiB", with(good, "\"x\":\"" + std::string(65'536, 'x') + "\""), {413, "body_too_large"}},
        {"a very long number", with(good, "\"x\":" + std::string(100'000, '9')), {413, "body_too_large"}},
    };
    for (const auto& each : cases) {
      SCOPED_TRACE(route.name + ": " + each.name);
      // A batch may be longer than one spend.
      if (route.name == "batch" && each.expected.status == 413) continue;
      expect_refused(send(route, each.body), each.expected);
    }
    SCOPED_TRACE(route.name);
    expect_nothing_written();
  }
}

TEST_F(BadRequestTest, AmountsThatAreNone) {
  const struct {
    std::string value;
    expected_problem expected;
  } cases[] = {
      {"0", {422, "amount_out_of_range"}},
      {"-5", {422, "amount_out_of_range"}},
      {"9007199254740992", {422, "amount_out_of_range"}},
      {"9223372036854775807", {422, "amount_out_of_range"}},
      {"9223372036854775808", {422, "amount_out_of_range"}},
      {"1.5", {400, "invalid_type"}},
      {"10.0", {400, "invalid_type"}},
      {"1e3", {400, "invalid_type"}},
      {"\"5\"", {400, "invalid_type"}},
      {"true", {400, "invalid_type"}},
      {"null", {400, "invalid_type"}},
      {"[]", {400, "invalid_type"}},
      {"{}", {400, "invalid_type"}},
      {"-0", {400, "invalid_json"}},
      {"NaN", {400, "invalid_json"}},
      {"1e400", {400, "invalid_json"}},
      {"01", {400, "invalid_json"}},
      {"+1", {400, "invalid_json"}},
      {"0x10", {400, "invalid_json"}},
  };
  for (const auto& route : changes())
    for (const auto& each : cases) {
      SCOPED_TRACE(route.name + ": " + each.value);
      const auto field = route.body.find(R"("credits":)");
      if (field == std::string::npos) continue; // no amount in it
      auto body = route.body;
      const auto from = field + 10;
      body.replace(from, body.find_first_not_of("0123456789", from) - from, each.value);
      expect_refused(send(route, body), each.expected);
    }
}

TEST_F(BadRequestTest, QueriesThatNoRouteAskedFor) {
  for (auto route : changes()) {
    SCOPED_TRACE(route.name);
    const auto target = route.target;
    route.target = target + "?dryRun=true";
    expect_refused(send(route, route.body), {422, "unknown_parameter"});
    expect_refused(send(route, "{"), {400, "invalid_json"});
    route.target = target + "?dryRun=%zz";
    expect_refused(send(route, route.body), {400, "malformed_query"});
    expect_nothing_written();
  }
}

TEST_F(BadRequestTest, FieldsThatAreNotTheCallers) {
  for (const auto& route : changes())
    for (const auto* member :
         {R"("tenant_id":"other")",
          R"("tenantId":"other")",
          R"("status":"completed")",
          R"("role":"tenant_admin")",
          R"("fence":1)",
          R"("accountId":"00000000-0000-0000-0000-000000000000")",
          R"("amount":1)",
          R"("__proto__":{})"}) {
      SCOPED_TRACE(route.name + ": " + member);
      expect_refused(send(route, with(route.body, member)), {422, "unknown_field"});
    }
  const auto purchase = changes()[2];
  for (const auto* member :
       {R"("price":0.01)",
        R"("priceMinor":1)",
        R"("currency":"USD")",
        R"("credits":5)",
        R"("kind":"promo")"}) {
    SCOPED_TRACE(member);
    expect_refused(send(purchase, with(purchase.body, member)), {422, "unknown_field"});
  }
}

TEST_F(BadRequestTest, KeysThatAreNone) {
  for (const auto& route : changes())
    for (const auto& value : {std::string(), std::string(256, 'k'), std::string("a\tb")}) {
      SCOPED_TRACE(route.name + ": " + value);
      expect_refused(send(route, route.body, {{"Idempotency-Key", value}}), {400, "invalid_idempotency_key"});
    }
}

TEST_F(BadRequestTest, AKeyThatBreaksTheHeaderIsNoRequest) {
  for (const auto& route : changes())
    for (const auto* value : {"a\r\n b", "a\nb", "a\rb", "caf\xc3\xa9"}) {
      SCOPED_TRACE(route.name + ": " + value);
      const auto answer = send(route, route.body, {{"Idempotency-Key", value}});
      EXPECT_EQ(400, answer.status()) << answer.response.body;
    }
}

TEST_F(BadRequestTest, AKeyOfAnotherCommand) {
  // Each of them happens once; the other command under its key does not.
  for (const auto& route : {changes()[2], changes()[0], changes()[3], changes()[4], changes()[5]}) {
    SCOPED_TRACE(route.name);
    const header_list once{{"Idempotency-Key", "of another command"}};
    const auto first = send(route, route.body, once);
    ASSERT_LT(first.status(), 300) << first.response.body;
    before = rows();
    auto other = replaced(route.body, R"("credits":1)", R"("credits":2)");
    other = replaced(other, R"("entityId":"above","packageId")", R"("entityId":"below","packageId")");
    other = replaced(other, "Another", "A third");
    ASSERT_NE(other, route.body);
    expect_refused(send(route, other, once), {422, "idempotency_key_reused"});
    expect_nothing_written();
  }
}

TEST_F(BadRequestTest, TimesThatAreNone) {
  const auto consume = changes()[0];
  for (const auto* time :
       {"0000-01-01T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00+02:00",
        "2026-01-01",
        "10000-01-01T00:00:00Z",
        "now"}) {
    SCOPED_TRACE(time);
    expect_refused(
        send(consume, with(consume.body, R"("occurredAt":")" + std::string(time) + "\"")),
        {422, "validation_failed"}
    );
    std::string escaped(time);
    if (const auto plus = escaped.find('+'); plus != std::string::npos) escaped.replace(plus, 1, "%2B");
    for (const auto* target :
         {"/api/credits/transactions?from=",
          "/api/credits/usage?to=",
          "/api/credits/purchases?from=",
          "/api/credits/balance/organization/above?at="})
      expect_refused(client().get(target + escaped), {422, "invalid_parameter"});
  }
  expect_refused(
      send(consume, with(consume.body, R"("occurredAt":"9999-12-31T23:59:59Z")")), {422, "event_in_future"}
  );
  expect_refused(
      send(consume, with(consume.body, R"("occurredAt":"0001-01-01T00:00:00Z")")), {422, "event_too_old"}
  );
  expect_refused(
      client().get("/api/credits/balance/organization/above?at=9999-12-31T23:59:59Z"), {422, "at_in_future"}
  );
}

TEST_F(BadRequestTest, PagesThatAreNone) {
  const std::string lists[] = {
      "/api/credits/transactions?", "/api/credits/purchases?", "/api/credits/allocations?"};
  // Two of each, so that a page of one has a cursor.
  for (int i = 0; i < 2; ++i)
    for (const auto& route : {changes()[2], changes()[3]})
      ASSERT_LT(send(route, route.body).status(), 300);
  before = rows();
  for (const auto& list : lists) {
    for (const auto* limit : {"0", "-1", "1e9", "1000000000", "99999999999999999999", "", "1.0", "%20"}) {
      SCOPED_TRACE(list + limit);
      expect_refused(client().get(list + "limit=" + limit), {422, "invalid_parameter"});
    }
    const auto cursor = text_at(client().get(list + "limit=1").response.body, "/nextCursor");
    ASSERT_NE("", cursor) << list;
    auto forged = cursor;
    std::reverse(forged.begin(), forged.end());
    for (const auto& wrong :
         {forged, cursor + "A", cursor.substr(1), std::string("%27%3B--"), std::string(4'000, 'A')}) {
      SCOPED_TRACE(list + wrong);
      const auto answer = client().get(list + "limit=1&cursor=" + wrong);
      EXPECT_TRUE(answer.status() == 400 || wrong.size() > 512) << answer.response.body;
      EXPECT_TRUE(answer.status() == 400 || answer.status() == 422) << answer.response.body;
    }
    for (const auto& other : lists)
      if (other != list) {
        SCOPED_TRACE(list + " in " + other);
        expect_refused(client().get(other + "limit=1&cursor=" + cursor), {400, "invalid_cursor"});
      }
  }
}

TEST_F(BadRequestTest, EveryRouteAsksWhoCallsAndForWhichApplication) {
  std::vector<credits_route> all;
  for (const auto& route : changes())
    if (!route.seller) all.push_back(route);
  for (const auto* target :
       {"balance/organization/above",
        "lots/organization/above",
        "allocations",
        "allocations/alloc-1",
        "purchases",
        "purchases/pur-1",
        "purchases/pur-1/invoice",
        "packages",
        "packages/thousand",
        "transactions",
        "usage"})
    all.push_back({target, "GET", std::string("/api/credits/") + target, {}});
  const auto asked_by = [&](http_client by, const credits_route& route, const std::string& application) {
    header_list headers;
    if (!route.body.empty()) headers.emplace_back("Content-Type", "application/json");
    if (!application.empty()) headers.emplace_back("X-Application", application);
    return by.send({.method = route.method, .target = route.target, .headers = headers, .body = route.body});
  };
  const auto no_scope = service.create_api_key("t", {"directory:write"});
  for (const auto& route : all) {
    SCOPED_TRACE(route.name);
    expect_refused(asked_by(service.client(), route, "crm"), {401, "unauthorized"});
    expect_refused(asked_by(service.client("tsk_wrong"), route, "crm"), {401, "unauthorized"});
    expect_refused(asked_by(service.client(no_scope), route, "crm"), {403, "insufficient_scope"});
    expect_refused(asked_by(service.client(key), route, ""), {400, "application_required"});
    expect_refused(asked_by(service.client(key), route, "erp"), {422, "unknown_application"});
  }
}

} // namespace tessera::test
