// A report that takes long: of a ledger whose every look at an account is slow (decision 0023).
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <thread>

namespace tessera::test {

namespace {

const std::string usage_of_all = "/api/credits/usage?groupBy=entity";

class UsageReportTest : public testing::Test {
protected:
  /// Each report takes twice so long: it looks at the beginning and the end of the range of its one account.
  void make_slow(double seconds) {
    sql("ALTER FUNCTION last_seq_booked_by(uuid, timestamptz) RENAME TO quick_last_seq_booked_by");
    sql("CREATE FUNCTION last_seq_booked_by(account uuid, moment timestamptz) RETURNS bigint LANGUAGE plpgsql"
        " STABLE STRICT AS $$ BEGIN PERFORM pg_sleep(" +
        std::to_string(seconds) + "); RETURN quick_last_seq_booked_by(account, moment); END $$");
    sql("GRANT EXECUTE ON FUNCTION last_seq_booked_by, quick_last_seq_booked_by TO tessera_api");
  }

  UsageReportTest() {
    service.create_tenant("t");
    service.create_package("t", "thousand", 1'000, 1);
    const std::vector<std::string> scopes{
        "credits:read", "credits:consume", "credits:purchase", "directory:write"};
    all = service.create_api_key("t", scopes);
    service.create_application(all, "crm");
    service.create_organization(all, "o");
    bound = service.create_api_key("t", scopes, "crm", "organization/o");
    auto buyer = client();
    buyer.post(
        "/api/credits/purchase",
        R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
    );
    EXPECT_EQ(200, buyer.post("/api/credits/consume", api_world::spend("o", 7)).status());
  }

  http_client client() const { return service.client(bound); }
  std::string sql(const std::string& query) { return service.cluster().query(service.database(), query); }
  bool report_is_running() {
    return wait_until(milliseconds{10'000}, [&] {
      return sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "application_name = 'tessera-reports'"
                 " AND state = 'active'") != "0";
    });
  }

  tessera_service service;
  std::string all, bound;
};

} // namespace

TEST_F(UsageReportTest, TakesItsTimeAndHoldsNobodyUp) {
  make_slow(0.9);
  std::vector<std::jthread> askers;
  for (int i = 0; i < 2; ++i)
    askers.emplace_back([this] {
      auto line = client();
      const auto report = line.get(usage_of_all);
      EXPECT_EQ(200, report.status()) << report.response.body;
      EXPECT_EQ(7, integer_at(report.response.body, "/usage/0/used"));
    });
  ASSERT_TRUE(report_is_running());

  auto line = client();
  const deadline soon(milliseconds{1'500});
  for (const auto* target :
       {"/api/credits/packages", "/api/credits/purchases", "/api/credits/transactions?type=hold"})
    EXPECT_EQ(200, line.get(target).status()) << target;
  const auto balance = line.get("/api/credits/balance/organization/o");
  EXPECT_TRUE(integer_at(balance.response.body, "/rollup/own")) << "a rollup waits for no report";
  EXPECT_FALSE(soon.over());
}

TEST_F(UsageReportTest, DoesNotHoldUpAnEnd) {
  make_slow(7);
  std::vector<std::jthread> askers;
  for (int i = 0; i < 3; ++i)
    askers.emplace_back([this] { client().get(usage_of_all); });
  ASSERT_TRUE(report_is_running());
  EXPECT_EQ((exit_status{0, 0}), service.stop(milliseconds{10'000}));
  EXPECT_TRUE(wait_until(milliseconds{2'000}, [this] {
    return sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
               "application_name = 'tessera-reports'") == "0";
  })) << "nor does it go on in the database";
}

} // namespace tessera::test
