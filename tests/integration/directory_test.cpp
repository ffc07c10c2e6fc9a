// The node's copies of the tenants, and what becomes of them when the database will not give one, or none.
#include "actors/directory/directory.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <future>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

class DirectoryViewTest : public testing::Test {
protected:
  DirectoryViewTest() {
    owner.run_script(
        "CREATE TABLE hidden (tenant_id uuid); GRANT SELECT ON hidden TO PUBLIC;"
        "CREATE FUNCTION give(tenant uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT FROM hidden WHERE tenant_id = tenant) THEN RAISE EXCEPTION 'not this one'; END "
        "IF;"
        " RETURN true; END $$;"
        "ALTER POLICY node ON users USING (give(tenant_id))",
        patience
    );
  }

  /// Whether the database could be asked.
  bool refresh(directory& of, const directory_question& question) {
    std::promise<bool> told;
    auto answer = told.get_future();
    of.refresh(question, [&told](bool reached) { told.set_value(reached); });
    return answer.get();
  }
  bool refresh(directory& of, const made_tenant& tenant) {
    return refresh(of, directory_question{{}, {}, tenant.id});
  }
  void add_user(const made_tenant& to, const std::string& id) {
    owner.execute(
        "INSERT INTO users (tenant_id, user_id, email, email_key, role) VALUES ($1, $2, $2, $2, 1)",
        pg::parameters().add(to.id).add(id),
        patience
    );
  }
  static bool has_user(const directory& of, const made_tenant& tenant, std::string_view id) {
    const auto found = of.find_tenant(tenant.id);
    return found && found->find_user(id);
  }
  void hide(const made_tenant& tenant) {
    owner.execute("INSERT INTO hidden VALUES ($1)", pg::parameters().add(tenant.id), patience);
  }

  const std::string database = migrated_database();
  const made_tenant a = make_tenant(database);
  const made_tenant b = make_tenant(database);
  open_session owner{owner_options(database)};
};

TEST_F(DirectoryViewTest, OneThatCannotBeReadKeepsNoOtherFromBeingRead) {
  directory tenants(service_url(database));
  add_user(a, "usr-1");
  ASSERT_TRUE(refresh(tenants, a));
  ASSERT_TRUE(refresh(tenants, b));
  hide(a);
  add_user(a, "usr-2");
  add_user(b, "usr-2");
  ASSERT_TRUE(wait_until(5'000ms, [&] { return has_user(tenants, b, "usr-2"); }));
  EXPECT_TRUE(refresh(tenants, b));
  EXPECT_FALSE(refresh(tenants, a)) << "nobody knows what it has by now";
  EXPECT_TRUE(has_user(tenants, a, "usr-1")) << "believed for a while";
  EXPECT_FALSE(has_user(tenants, a, "usr-2"));
  owner.execute("DELETE FROM hidden", patience);
  EXPECT_TRUE(wait_until(15'000ms, [&] { return has_user(tenants, a, "usr-2"); }));
  EXPECT_TRUE(refresh(tenants, a));
}

TEST_F(DirectoryViewTest, OneThatCouldNotBeReadForLongIsFoundByNobody) {
  directory tenants(service_url(database), 0ms);
  add_user(a, "usr-1");
  const auto key_sha256 = digest{7};
  owner.execute(
      "INSERT INTO api_keys (tenant_id, key_id, name, key_sha256, scopes) VALUES ($1, 'key-1', '', $2, '{}')",
      pg::parameters().add(a.id).add(key_sha256),
      patience
  );
  ASSERT_TRUE(refresh(tenants, directory_question{key_sha256, {}, {}}));
  ASSERT_TRUE(refresh(tenants, b));
  ASSERT_TRUE(tenants.find_key(key_sha256));
  hide(a);
  add_user(a, "usr-2");
  ASSERT_TRUE(wait_until(5'000ms, [&] { return !tenants.find_tenant(a.id); }));
  EXPECT_FALSE(tenants.find_key(key_sha256));
  EXPECT_FALSE(tenants.find_tenant_named(a.name));
  EXPECT_TRUE(tenants.find_tenant(b.id));
  EXPECT_FALSE(refresh(tenants, directory_question{key_sha256, {}, {}})) << "503, not 401";
  EXPECT_FALSE(refresh(tenants, directory_question{{}, a.name, {}}));
  owner.execute("DELETE FROM hidden", patience);
  EXPECT_TRUE(wait_until(15'000ms, [&] { return has_user(tenants, a, "usr-2"); }));
  EXPECT_TRUE(tenants.find_key(key_sha256));
}

TEST_F(DirectoryViewTest, ADatabaseThatIsAwayTakesNobodyAway) {
  directory tenants(service_url(database), 0ms);
  ASSERT_TRUE(refresh(tenants, a));
  auto& cluster = postgres_cluster::shared();
  cluster.query("postgres", "ALTER DATABASE " + database + " ALLOW_CONNECTIONS false");
  cluster.terminate_backends("tessera-directory");
  EXPECT_FALSE(refresh(tenants, b));
  EXPECT_FALSE(refresh(tenants, a));
  EXPECT_TRUE(tenants.find_tenant(a.id));
  cluster.query("postgres", "ALTER DATABASE " + database + " ALLOW_CONNECTIONS true");
  EXPECT_TRUE(wait_until(5'000ms, [&] { return refresh(tenants, b); }));
  EXPECT_TRUE(tenants.find_tenant(a.id));
}

TEST_F(DirectoryViewTest, LearnsOfSessionsThatEndWithoutReadingTheTenantAgain) {
  directory tenants(service_url(database));
  add_user(a, "usr-1");
  const auto session = numbered<uuid>(fresh_number());
  owner.execute(
      "INSERT INTO user_sessions (session_id, tenant_id, user_id) VALUES ($1, $2, 'usr-1')",
      pg::parameters().add(session).add(a.id),
      patience
  );
  ASSERT_TRUE(refresh(tenants, a));
  const auto loaded = tenants.find_tenant(a.id);
  EXPECT_FALSE(loaded->has_ended(session));
  owner.execute("UPDATE user_sessions SET ended_at = clock_timestamp()", patience);
  EXPECT_TRUE(wait_until(2'000ms, [&] { return loaded->has_ended(session); }));
  EXPECT_EQ(tenants.find_tenant(a.id), loaded);
}

} // namespace
} // namespace tessera::test
