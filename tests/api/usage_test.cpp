// GET /api/credits/usage against the real service.
#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace tessera::test {

namespace {

const std::string route = "/api/credits/usage";

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

std::string of(const std::string& organization) {
  return route + "?entityType=organization&entityId=" + organization;
}

std::int64_t used_credits(http_client& client, const std::string& organization) {
  const auto balance = client.get("/api/credits/balance/organization/" + organization);
  return integer_at(balance.response.body, "/usedCredits").value_or(-1);
}

/// As the last entry says. A balance may show it a moment later: when it is acknowledged.
std::int64_t used_in_ledger(http_client& client, const std::string& organization) {
  const auto last =
      client.get("/api/credits/transactions?limit=1&entityType=organization&entityId=" + organization)
          .response.body;
  return integer_at(last, "/transactions/0/totalAfter").value_or(-1) -
         integer_at(last, "/transactions/0/availableAfter").value_or(0);
}

} // namespace

TEST(UsageTest, AddsUpByEntityAndMeter) {
  auto& world = api_world::instance();
  const auto top = world.organization(1);
  const auto below = world.organization(1, top);
  auto client = world.client();
  auto hr = world.client_with(world.all(), "hr");
  for (const auto& [where, amount, meter] :
       {std::tuple{top, 5, "calls"}, {top, 7, "calls"}, {below, 11, "tokens"}, {below, 13, ""}}) {
    auto body = world.spend(where, amount);
    if (*meter) body.insert(body.size() - 1, std::string(R"(,"meter":")") + meter + "\"");
    ASSERT_EQ(200, client.post("/api/credits/consume", body).status());
  }
  ASSERT_EQ(200, hr.post("/api/credits/consume", world.spend(top, 100)).status());

  EXPECT_EQ(
      R"({"success":true,"usage":[{"used":12,"reversed":0,"count":2}],"from":null,"to":null})",
      client.get(of(top)).response.body
  );
  const auto grouped =
      client.get(of(top) + "&descendants=true&groupBy=application,entity,meter").response.body;
  const auto bucket = [](const std::string& entity, const std::string& meter, int used, int count) {
    return R"({"application":"crm","entityType":"organization","entityId":")" + entity + R"(","meter":)" +
           meter + R"(,"used":)" + std::to_string(used) + R"(,"reversed":0,"count":)" +
           std::to_string(count) + "}";
  };
  EXPECT_THAT(grouped, testing::HasSubstr(bucket(top, R"("calls")", 12, 2)));
  EXPECT_THAT(grouped, testing::HasSubstr(bucket(below, "null", 13, 1)));
  EXPECT_THAT(grouped, testing::HasSubstr(bucket(below, R"("tokens")", 11, 1)));
  EXPECT_EQ(3u, size_at(grouped, "/usage"));
  EXPECT_EQ(100, integer_at(hr.get(of(top)).response.body, "/usage/0/used"));
  auto bound = world.client_with(world.key({"credits:read"}, "", "organization/" + below), "crm");
  EXPECT_EQ(24, integer_at(bound.get(route).response.body, "/usage/0/used")) << "all that the key covers";
}

TEST(UsageTest, WindowsBeginWhenTheEventsHappened) {
  auto& world = api_world::instance();
  const auto organization = world.organization(1);
  auto client = world.client();
  // Yesterday at ten: at most seven days back, whenever this runs.
  const auto day =
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) - std::chrono::days{1};
  const std::chrono::year_month_day date(day);
  char text[32];
  std::snprintf(
      text,
      sizeof text,
      "%04d-%02u-%02uT",
      static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day())
  );
  const std::string yesterday = text;
  auto body = world.spend(organization, 3, R"(,"occurredAt":")" + yesterday + R"(10:20:30Z")");
  ASSERT_EQ(200, client.post("/api/credits/consume", body).status());

  const auto hour =
      client.get(of(organization) + "&window=hour&from=" + yesterday + "00:00:00Z").response.body;
  EXPECT_EQ(yesterday + "10:00:00Z", text_at(hour, "/usage/0/window"));
  EXPECT_EQ(yesterday + "00:00:00Z", text_at(hour, "/from"));
  const auto minute = client.get(of(organization) + "&window=minute&by=occurredAt").response.body;
  EXPECT_EQ(yesterday + "10:20:00Z", text_at(minute, "/usage/0/window"));
  const auto booked = client.get(of(organization) + "&window=day&by=bookedAt").response.body;
  EXPECT_NE(yesterday + "00:00:00Z", text_at(booked, "/usage/0/window"));
  EXPECT_EQ(3, integer_at(booked, "/usage/0/used"));
}

TEST(UsageTest, SumsEqualTheLedgerWhileOthersSpend) {
  auto& world = api_world::instance();
  const auto organization = world.organization(20);
  std::atomic<bool> done{false};
  std::thread spender([&] {
    auto other = world.client();
    for (int i = 0; !done; ++i)
      other.post("/api/credits/consume", world.spend(organization, 1 + i % 5));
  });
  auto client = world.client();
  std::int64_t last = 0;
  for (int i = 0; i < 100 || last == 0; ++i) {
    const auto before = used_credits(client, organization);
    const auto report = client.get(of(organization) + "&groupBy=application");
    EXPECT_EQ(200, report.status()) << report.response.body;
    const auto used = integer_at(report.response.body, "/usage/0/used").value_or(0);
    const auto after = used_in_ledger(client, organization);
    EXPECT_LE(before, used) << "behind an acknowledged spend";
    EXPECT_LE(used, after) << "more than the ledger has";
    last = used;
  }
  done = true;
  spender.join();
  EXPECT_EQ(
      used_credits(client, organization),
      integer_at(client.get(of(organization)).response.body, "/usage/0/used")
  );
}

TEST(UsageTest, RefusesBadQuestions) {
  auto& world = api_world::instance();
  const auto mine = world.organization(0);
  auto client = world.client();
  struct bad_question {
    std::string query;
    int status;
    std::string code;
  };
  const bad_question cases[] = {
      {"groupBy=colour", 422, "invalid_parameter"},
      {"groupBy=meter,meter", 422, "invalid_parameter"},
      {"groupBy=meter,", 422, "invalid_parameter"},
      {"groupBy=", 422, "invalid_parameter"},
      {"groupBy=meter&groupBy=entity", 422, "duplicate_parameter"},
      {"window=week", 422, "invalid_parameter"},
      {"by=created", 422, "invalid_parameter"},
      {"limit=5", 422, "unknown_parameter"},
      {"from=yesterday", 422, "invalid_parameter"},
      {"from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 422, "invalid_parameter"},
      {"window=minute&from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:00.000001Z", 422, "range_too_wide"},
      {"window=hour&from=2020-01-01T00:00:00Z&to=2022-01-01T00:00:00Z", 422, "range_too_wide"},
      {"window=day&from=0001-01-01T00:00:00Z", 422, "range_too_wide"},
      {"entityId=" + mine, 422, "required"},
      {"entityType=planet&entityId=earth", 422, "unknown_entity_type"},
      {"entityType=organization&entityId=nobody", 404, "entity_unknown"},
      {"application=all", 403, "application_forbidden"},
      {"application=hr", 403, "application_forbidden"},
      {"groupBy=%ZZ", 400, "malformed_query"},
  };
  for (const auto& [query, status, code] : cases) {
    SCOPED_TRACE(query);
    expect_problem(client.get(route + "?" + query), status, code);
  }
  for (const auto* fine :
       {"window=minute&from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:00Z",
        "window=month&from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
        "from=0001-01-01T00:00:00Z",
        "to=9999-12-31T23:59:59.999999Z&application=crm"})
    EXPECT_EQ(200, client.get(of(mine) + "&" + fine).status()) << fine;
  expect_problem(world.client_with(world.all(), "").get(route), 400, "application_required");
  auto consumer = world.client_with(world.key({"credits:consume"}), "crm");
  expect_problem(consumer.get(route), 403, "insufficient_scope");
}

} // namespace tessera::test
