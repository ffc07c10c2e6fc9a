// The commands of the operator: doctor and demo.
#include "http/server/listening_socket.hpp"
#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::HasSubstr;

} // namespace

/// The tests' PostgreSQL gives durability up for speed; that is found, and nothing else.
TEST(DoctorTest, FindsNothingElseWrongWithAServiceThatRuns) {
  auto& service = api_world::instance().service();
  const auto done = service.command({"doctor", "--json"});
  EXPECT_EQ(1, done.status.code) << done.output;
  EXPECT_EQ(false, boolean_at(done.output, "/ok")) << done.output;
  std::size_t failed = 0;
  for (auto at = done.output.find("failed"); at != std::string::npos; at = done.output.find("failed", at + 1))
    ++failed;
  EXPECT_EQ(2u, failed) << done.output;
  for (const auto* check : {"database.fsync", "database.full_page_writes"})
    EXPECT_THAT(done.output, HasSubstr(std::string("\"check\":\"") + check + "\",\"status\":\"failed\""));
  for (const auto* check :
       {"ledger.row_security", "ledger.immutable", "database.migrations", "cluster.leases"})
    EXPECT_THAT(done.output, HasSubstr(std::string("\"check\":\"") + check + "\",\"status\":\"ok\""));
  EXPECT_THAT(done.output, HasSubstr("a service runs at")) << "the port is taken by the service itself";
  EXPECT_THAT(done.output, HasSubstr("a service needs 18"));
}

TEST(DoctorTest, ASilentProgramOnThePortIsNoService) {
  auto& service = api_world::instance().service();
  const http::listening_socket silent("127.0.0.1", 0);
  const auto done = service.command({"doctor", "--http-port", std::to_string(silent.port())});
  EXPECT_THAT(done.output, HasSubstr("failed   http.port")) << done.output;
}

struct ailment {
  const char* name;
  const char* sql;
  const char* check;
};
void PrintTo(const ailment& given, std::ostream* out) {
  *out << given.name;
}

class AilingDatabaseTest : public testing::TestWithParam<ailment> {};

TEST_P(AilingDatabaseTest, IsDiagnosed) {
  tessera_service service({.start = false});
  service.cluster().query(service.database(), GetParam().sql);
  const auto done = service.command({"doctor"});
  EXPECT_EQ(1, done.status.code) << done.output;
  EXPECT_THAT(done.output, HasSubstr(std::string("failed   ") + GetParam().check)) << done.output;
}

INSTANTIATE_TEST_SUITE_P(
    Doctor,
    AilingDatabaseTest,
    testing::Values(
        ailment{
            "RowSecurityOff", "ALTER TABLE credit_lots DISABLE ROW LEVEL SECURITY", "ledger.row_security"},
        ailment{
            "EntriesMayBeChanged", "GRANT UPDATE ON credit_entries TO tessera_writer", "ledger.privileges"},
        ailment{
            "TriggerOff",
            "ALTER TABLE credit_entries DISABLE TRIGGER credit_entries_are_immutable",
            "ledger.immutable"},
        ailment{
            "MigrationMissing",
            "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)",
            "database.migrations"},
        ailment{
            "ZoneUnknown",
            "INSERT INTO tenants (tenant_id, id, name, timezone) VALUES (gen_random_uuid(), 'm', 'M', "
            "'Mars/Olympus')",
            "tenants.time_zones"}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

TEST(DoctorTest, SaysWhatIsWrongWithTheConfiguration) {
  auto& service = api_world::instance().service();
  const auto done = service.command({"doctor", "--http-threads", "many"});
  EXPECT_EQ(2, done.status.code) << done.output;
  EXPECT_THAT(done.output, HasSubstr("failed   configuration"));
}

TEST(DoctorTest, FindsADatabaseThatIsAwayAndAPathThatIsNot) {
  auto& service = api_world::instance().service();
  const auto done = service.command(
      {"doctor",
       "--database-url",
       "postgresql:///tessera?host=/nowhere",
       "--log-file",
       "/nowhere/tessera.log"}
  );
  EXPECT_EQ(1, done.status.code) << done.output;
  EXPECT_THAT(done.output, HasSubstr("failed   database.connection"));
  EXPECT_THAT(done.output, HasSubstr("failed   log.file"));
}

TEST(DemoTest, MakesTheBriefsExamplesTrueAndStaysSo) {
  tessera_service service;
  const auto make = [&] { return service.command({"demo", "--base-url", service.base_url(), "--json"}); };
  const auto first = make();
  ASSERT_EQ(0, first.status.code) << first.output;
  const auto second = make();
  ASSERT_EQ(0, second.status.code) << second.output;
  auto client = service.client(text_at(second.output, "/apiKey"));
  client.set_header("X-Application", "crm");
  const struct {
    const char* entity;
    int total;
    int used;
  } figures[] = {
      {"organization/org-123", 2000, 1200},
      {"organization/org-456", 1500, 800},
      {"organization/sub-org-456", 0, 0},
      {"location/loc-123", 500, 300},
      {"location/loc-456", 800, 400},
      {"location/loc-789", 0, 0},
  };
  for (const auto& each : figures) {
    const auto balance = client.get(std::string("/api/credits/balance/") + each.entity).response.body;
    EXPECT_EQ(each.total, integer_at(balance, "/totalCredits")) << balance;
    EXPECT_EQ(each.used, integer_at(balance, "/usedCredits")) << balance;
    EXPECT_EQ(each.total - each.used, integer_at(balance, "/availableCredits")) << balance;
  }
  const auto acme = client.get("/api/credits/balance/organization/org-123").response.body;
  EXPECT_EQ(800, integer_at(acme, "/rollup/own"));
  EXPECT_EQ(600, integer_at(acme, "/rollup/descendants"));
  const auto sound = service.command({"verify", "--tenant", "demo", "--json"});
  EXPECT_EQ(0, sound.status.code) << sound.output;
}

} // namespace tessera::test
