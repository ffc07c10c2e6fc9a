// GET /api/credits/transactions against the real service.
#include "tests/api/api_world.hpp"
#include "tests/support/bulk_ledger.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const std::string route = "/api/credits/transactions";

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

std::string of(const std::string& organization) {
  return route + "?entityType=organization&entityId=" + organization;
}

std::vector<std::string> ids_in(const std::string& body) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < size_at(body, "/transactions").value_or(0); ++i)
    ids.push_back(text_at(body, "/transactions/" + std::to_string(i) + "/transactionId"));
  return ids;
}

/// Follows the Link headers.
std::vector<std::string> follow(http_client& client, std::string target) {
  std::vector<std::string> ids;
  while (!target.empty()) {
    const auto page = client.get(target);
    EXPECT_EQ(200, page.status()) << page.response.body;
    const auto more = ids_in(page.response.body);
    ids.insert(ids.end(), more.begin(), more.end());
    const auto link = page.response.header("link");
    EXPECT_EQ(link.empty(), text_at(page.response.body, "/nextCursor").empty());
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  return ids;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

std::vector<std::string> ids_in_lines(const std::string& ndjson) {
  std::vector<std::string> ids;
  for (const auto& line : lines_of(ndjson))
    ids.push_back(text_at(line, "/transactionId"));
  return ids;
}

http_exchange export_as(http_client& client, const std::string& target, const std::string& type) {
  return client.get(target, {{"Accept", type}});
}

/// Entries that nobody decided, in an organisation that nobody spends from.
void fill(const std::string& organization, std::int64_t count, const std::string& application = "'crm'") {
  auto& service = api_world::instance().service();
  const auto pair = service.cluster().query(
      service.database(),
      "SELECT account_id || ' ' || tenant_id FROM entities WHERE entity_id = '" + organization + "'"
  );
  service.cluster().query(
      service.database(),
      bulk_insert(
          {.account = pair.substr(0, 36),
           .tenant = pair.substr(37),
           .count = count,
           .application = application}
      )
  );
}

/// The most memory that the service has ever used, in KiB.
long peak_memory_kib() {
  const auto status =
      read_file("/proc/" + std::to_string(api_world::instance().service().process().pid()) + "/status");
  return std::atol(status.c_str() + status.find("VmHWM:") + 6);
}

} // namespace

TEST(TransactionsTest, HaveTheirWholeShape) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  ASSERT_EQ(
      200,
      client
          .post(
              "/api/credits/consume",
              world.spend(
                  organization, 25, R"(,"eventId":"shape-1","meter":"calls","metadata":{"plan":"gold"})"
              ),
              {{"X-Request-Id", "request-of-shape"}}
          )
          .status()
  );
  const auto body = client.get(of(organization)).response.body;
  const auto text = [&](const std::string& field) { return text_at(body, "/transactions/0/" + field); };
  const auto number = [&](const std::string& field) { return integer_at(body, "/transactions/0/" + field); };

  EXPECT_THAT(text("transactionId"), MatchesRegex("txn-[0-9a-f]{32}-2"));
  EXPECT_EQ(2, number("seq"));
  EXPECT_EQ("organization", text("entityType"));
  EXPECT_EQ(organization, text("entityId"));
  EXPECT_EQ("spend", text("type"));
  EXPECT_EQ(25, number("credits"));
  EXPECT_EQ("crm", text("application"));
  EXPECT_EQ("calls", text("meter"));
  EXPECT_EQ("shape-1", text("eventId"));
  EXPECT_EQ("gold", text("metadata/plan"));
  EXPECT_EQ(25, number("lots/0/units"));
  EXPECT_EQ(text("lots/0/lotId"), text_at(body, "/transactions/1/lots/0/lotId"));
  EXPECT_EQ(975, number("availableAfter"));
  EXPECT_EQ(0, number("reservedAfter"));
  EXPECT_EQ(1000, number("totalAfter"));
  EXPECT_EQ(0, number("debtAfter"));
  EXPECT_EQ("api_key", text("requestedBy/kind"));
  EXPECT_EQ("crm", text("requestedBy/application"));
  EXPECT_EQ("request-of-shape", text("requestId"));
  EXPECT_THAT(text("occurredAt"), MatchesRegex("20.*Z"));
  EXPECT_THAT(text("bookedAt"), MatchesRegex("20.*Z"));
  EXPECT_THAT(text("hash"), MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(text_at(body, "/transactions/1/reference/purchaseId"), StartsWith("pur-"));
  EXPECT_THAT(body, HasSubstr(R"("type":"purchase","credits":1000,"application":null)"));
}

TEST(TransactionsTest, ATreeIsReadInOneOrder) {
  auto& world = api_world::instance();
  const auto top = world.organization(2);
  const auto below = world.organization(1, top);
  auto client = world.client();
  for (int i = 0; i < 6; ++i)
    ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(i % 2 ? top : below, 1)).status());

  const auto newest = follow(client, of(top) + "&descendants=true&limit=2");
  auto oldest = follow(client, of(top) + "&limit=4&order=asc&descendants=true");
  std::reverse(oldest.begin(), oldest.end());
  EXPECT_THAT(newest, SizeIs(9));
  EXPECT_EQ(newest, oldest);
  EXPECT_THAT(follow(client, of(top)), SizeIs(5));
  EXPECT_THAT(follow(client, of(top) + "&descendants=false"), SizeIs(5));
  EXPECT_THAT(follow(client, of(top) + "&descendants=true&type=purchase"), SizeIs(3));
  EXPECT_THAT(follow(client, of(top) + "&descendants=true&type=expire"), IsEmpty());

  auto bound = world.client_with(world.key({"credits:read"}, "", "organization/" + top), "crm");
  EXPECT_EQ(newest, follow(bound, route)) << "without an entity: all that the key covers";
  EXPECT_THAT(follow(client, route + "?limit=1000").size(), testing::Ge(9u));
}

TEST(TransactionsTest, FromIsInclusiveAndToIsNot) {
  auto& world = api_world::instance();
  const auto organization = world.organization(3);
  auto client = world.client();
  const auto all = client.get(of(organization)).response.body;
  const auto middle = text_at(all, "/transactions/1/bookedAt");

  EXPECT_THAT(follow(client, of(organization) + "&from=" + middle), SizeIs(2));
  EXPECT_THAT(follow(client, of(organization) + "&to=" + middle), SizeIs(1));
}

TEST(TransactionsTest, ACursorIsGoodForItsOwnQuestionOnly) {
  auto& world = api_world::instance();
  const auto organization = world.organization(3);
  const auto other = world.organization(3);
  auto client = world.client();
  auto hr = world.client_with(world.all(), "hr");
  const auto cursor = text_at(client.get(of(organization) + "&limit=1").response.body, "/nextCursor");
  const auto with = "&cursor=" + cursor;

  EXPECT_EQ(200, client.get(of(organization) + with).status());
  EXPECT_EQ(200, client.get(of(organization) + "&limit=2" + with).status()) << "a page may get larger";
  for (const auto& target :
       {of(other) + with,
        of(organization) + "&order=asc" + with,
        of(organization) + "&type=purchase" + with,
        of(organization) + "&descendants=true" + with,
        of(organization) + "&application=crm" + with,
        of(organization) + "&from=2020-01-01T00:00:00Z" + with,
        of(organization) + "&to=2100-01-01T00:00:00Z" + with,
        route + "?limit=1" + with,
        of(organization) + "&cursor=s7",
        of(organization) + "&cursor=A" + cursor.substr(1),
        of(organization) + with + "A"})
    expect_problem(client.get(target), 400, "invalid_cursor");
  expect_problem(hr.get(of(organization) + with), 400, "invalid_cursor");
}

TEST(TransactionsTest, ACursorOutlivesTheProcess) {
  tessera_service service;
  service.create_tenant("t");
  service.create_package("t", "p", 10, 10);
  const auto key = service.create_api_key("t", {"credits:read", "credits:purchase", "directory:write"});
  service.create_application(key, "crm");
  service.create_organization(key, "o");
  auto client = service.client(key);
  client.set_header("X-Application", "crm");
  for (int i = 0; i < 2; ++i)
    client.post(
        "/api/credits/purchase",
        R"({"entityType":"organization","entityId":"o","packageId":"p","paymentMethod":"test"})"
    );
  const auto cursor = text_at(client.get(of("o") + "&limit=1").response.body, "/nextCursor");
  service.crash_and_restart();
  auto again = service.client(key);
  again.set_header("X-Application", "crm");
  EXPECT_THAT(ids_in(again.get(of("o") + "&limit=1&cursor=" + cursor).response.body), SizeIs(1));
}

TEST(TransactionsTest, RefuseBadQuestions) {
  auto& world = api_world::instance();
  const auto mine = world.organization(0);
  const auto theirs = world.organization(0);
  auto client = world.client();
  auto bound = world.client_with(world.key({"credits:read"}, "", "organization/" + mine), "crm");
  struct bad_question {
    std::string query;
    int status;
    std::string code;
  };
  const bad_question cases[] = {
      {"limit=0", 422, "invalid_parameter"},
      {"limit=1001", 422, "invalid_parameter"},
      {"limit=ten", 422, "invalid_parameter"},
      {"limit=", 422, "invalid_parameter"},
      {"order=up", 422, "invalid_parameter"},
      {"type=genesis", 422, "invalid_parameter"},
      {"type=spent", 422, "invalid_parameter"},
      {"descendants=1", 422, "invalid_parameter"},
      {"from=2026-01-01", 422, "invalid_parameter"},
      {"from=2026-02-30T00:00:00Z", 422, "invalid_parameter"},
      {"from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 422, "invalid_parameter"},
      {"from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", 422, "invalid_parameter"},
      {"limit=1&limit=2", 422, "duplicate_parameter"},
      {"colour=red", 422, "unknown_parameter"},
      {"colour=red&limit=0", 422, "validation_failed"},
      {"entityType=organization", 422, "required"},
      {"entityId=" + mine, 422, "required"},
      {"entityType=planet&entityId=earth", 422, "unknown_entity_type"},
      {"entityType=organization&entityId=nobody", 404, "entity_unknown"},
      {"entityType=organization&entityId=nobody&limit=0", 404, "entity_unknown"},
      {"application=all", 403, "application_forbidden"},
      {"application=hr", 403, "application_forbidden"},
      {"application=erp", 422, "unknown_application"},
      {"cursor=", 422, "invalid_parameter"},
      {"cursor=%ZZ", 400, "malformed_query"},
      {"cursor=%00", 400, "malformed_query"},
  };
  for (const auto& [query, status, code] : cases) {
    SCOPED_TRACE(query);
    expect_problem(client.get(route + "?" + query), status, code);
  }
  expect_problem(bound.get(of(theirs) + "&limit=0"), 403, "entity_out_of_scope");
  expect_problem(bound.get(route + "?entityType=tenant&entityId=acme"), 403, "entity_out_of_scope");
  expect_problem(world.client_with(world.all(), "").get(route), 400, "application_required");
  for (const auto* extreme : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"})
    for (const auto* name : {"from", "to"})
      EXPECT_EQ(200, client.get(route + "?" + name + "=" + extreme).status()) << name << extreme;
}

TEST(TransactionsTest, ShowAnApplicationWhatIsItsOwn) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto crm = world.client();
  auto hr = world.client_with(world.all(), "hr");
  ASSERT_EQ(200, crm.post("/api/credits/consume", world.spend(organization, 1)).status());
  ASSERT_EQ(200, hr.post("/api/credits/consume", world.spend(organization, 2)).status());

  EXPECT_THAT(follow(crm, of(organization)), SizeIs(2)) << "its own and the entity's";
  EXPECT_THAT(follow(crm, of(organization) + "&application=crm"), SizeIs(1)) << "its own alone";
  EXPECT_THAT(follow(hr, of(organization) + "&type=spend"), SizeIs(1));
  for (const auto* type : {"text/csv", "application/x-ndjson", "application/json"}) {
    const auto body = export_as(hr, of(organization), type).response.body;
    EXPECT_THAT(body, HasSubstr("hr")) << type;
    EXPECT_THAT(body, Not(HasSubstr("\"spend\",\"credits\":1,"))) << type;
    EXPECT_THAT(body, Not(HasSubstr(",spend,1,"))) << type;
  }
}

TEST(TransactionsTest, ExportsHoldWhatPagesShow) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  fill(organization, 1'203); // three pages of an export
  auto client = world.client();
  const auto pages = follow(client, of(organization) + "&limit=1000");
  ASSERT_THAT(pages, SizeIs(1'203));

  const auto ndjson = export_as(client, of(organization), "application/x-ndjson");
  EXPECT_EQ("application/x-ndjson", ndjson.response.header("content-type"));
  EXPECT_EQ("chunked", ndjson.response.header("transfer-encoding"));
  EXPECT_EQ(pages, ids_in_lines(ndjson.response.body));

  const auto csv = export_as(client, of(organization) + "&order=asc", "text/csv, */*;q=0.1");
  EXPECT_EQ("text/csv; charset=utf-8", csv.response.header("content-type"));
  EXPECT_THAT(csv.response.header("content-disposition"), HasSubstr("transactions.csv"));
  const auto lines = lines_of(csv.response.body);
  ASSERT_THAT(lines, SizeIs(1'204));
  EXPECT_THAT(lines[0], StartsWith("transactionId,seq,"));
  EXPECT_THAT(lines[1], StartsWith(pages.back() + ",1,organization,"));
  EXPECT_THAT(lines[1'203], StartsWith(pages.front() + ",1203,organization,"));
}

TEST(TransactionsTest, AnEmptyPageIsNotTheEnd) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  fill(organization, 10'001, "CASE n WHEN 1 THEN 'hr' ELSE 'crm' END");
  auto hr = world.client_with(world.all(), "hr");
  const auto first = hr.get(of(organization));
  EXPECT_EQ(200, first.status());
  EXPECT_THAT(ids_in(first.response.body), IsEmpty());
  EXPECT_NE("", text_at(first.response.body, "/nextCursor"));
  const auto pages = follow(hr, of(organization));
  EXPECT_THAT(pages, SizeIs(1));
  for (const auto* type : {"text/csv", "application/x-ndjson"})
    EXPECT_THAT(export_as(hr, of(organization), type).response.body, HasSubstr(pages[0])) << type;
}

TEST(TransactionsTest, AnEmptyExportIsAFileToo) {
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  auto client = world.client();
  EXPECT_THAT(lines_of(export_as(client, of(organization), "text/csv").response.body), SizeIs(1));
  const auto ndjson = export_as(client, of(organization), "application/x-ndjson");
  EXPECT_EQ(200, ndjson.status());
  EXPECT_EQ("", ndjson.response.body);
  const auto head =
      client.send({.method = "HEAD", .target = of(organization), .headers = {{"Accept", "text/csv"}}});
  EXPECT_EQ(200, head.status());
  EXPECT_EQ("", head.response.body);
}

TEST(TransactionsTest, ExportsAreSafeForSpreadsheets) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  const auto* more = R"x(,"meter":"=HYPERLINK(\"http://x\")","eventId":"@SUM(1)")x";
  ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 1, more)).status());
  const auto csv = export_as(client, of(organization), "text/csv").response.body;
  EXPECT_THAT(csv, HasSubstr(R"x(,"'=HYPERLINK(""http://x"")",'@SUM(1),)x"));
}

TEST(TransactionsTest, AnExportIsWholeWhileOthersSpend) {
  auto& world = api_world::instance();
  const auto organization = world.organization(5);
  auto client = world.client();
  for (int i = 0; i < 700; ++i)
    ASSERT_EQ(200, client.post("/api/credits/consume", world.spend(organization, 1)).status());
  std::atomic<bool> done{false};
  std::thread spender([&] {
    auto other = world.client();
    while (!done)
      other.post("/api/credits/consume", world.spend(organization, 1));
  });
  for (const auto* order : {"asc", "desc"}) {
    const auto before = follow(client, of(organization) + "&limit=1000");
    const auto ids = ids_in_lines(
        export_as(client, of(organization) + "&order=" + order, "application/x-ndjson").response.body
    );
    const std::set<std::string> distinct(ids.begin(), ids.end());
    EXPECT_EQ(distinct.size(), ids.size()) << "twice";
    for (const auto& id : before)
      EXPECT_TRUE(distinct.contains(id)) << "missing " << id;
  }
  done = true;
  spender.join();
}

TEST(TransactionsTest, AnExportTakesLittleMemory) {
  const char* asked = std::getenv("TESSERA_TEST_ENTRIES"); // 1000000 for the long version
  const auto count = asked ? std::atoll(asked) : 30'000;
  auto& world = api_world::instance();
  const auto organization = world.organization(0);
  fill(organization, count);
  auto client = world.client();
  client.set_timeout(milliseconds{300'000});
  export_as(client, of(organization) + "&to=2026-03-01T00:30:00Z", "application/x-ndjson"); // four pages
  const auto before = peak_memory_kib();
  const auto begun = std::chrono::steady_clock::now();
  const auto exported = export_as(client, of(organization), "application/x-ndjson");
  const auto took = std::chrono::steady_clock::now() - begun;
  const auto more = peak_memory_kib() - before;
  ASSERT_GT(before, 1'000) << "what /proc says was not understood";
  const auto size_kib = static_cast<long>(exported.response.body.size() / 1024);

  EXPECT_EQ(count, std::count(exported.response.body.begin(), exported.response.body.end(), '\n'));
  std::printf(
      "%lld entries, %ld KiB in %lld ms; the service took %ld KiB more than %ld\n",
      count,
      size_kib,
      static_cast<long long>(std::chrono::duration_cast<milliseconds>(took).count()),
      more,
      before
  );
  EXPECT_LT(more, 16 * 1024) << "of " << size_kib << " KiB";
}

} // namespace tessera::test
