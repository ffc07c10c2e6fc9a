// What a node holds of a tenant: what is in it, when it is read anew, what it costs.
#include "persistence/stores/snapshot_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <future>
#include <malloc.h>

namespace tessera::test {

namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::size_t heap_in_use() {
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd; // large blocks are mapped
}

class TenantSnapshotTest : public testing::Test {
protected:
  void run(const std::string& sql) {
    auto text = sql;
    for (auto at = text.find("$T"); at != text.npos; at = text.find("$T", at))
      text.replace(at, 2, "'" + to_string(tenant.id) + "'");
    owner.run_script(text, std::chrono::minutes(2));
  }
  std::shared_ptr<const tenant_snapshot> load() {
    return persistence::load_tenant(writer, tenant.id, patience);
  }
  void add_user(const std::string& id, int role) {
    run("INSERT INTO users (tenant_id, user_id, email, email_key, role) VALUES ($T, '" + id + "', '" + id +
        "', '" + id + "', " + std::to_string(role) + ")");
  }

  std::string database = migrated_database();
  made_tenant tenant = make_tenant(database);
  open_session owner{owner_options(database)};
  open_session writer{writer_options(database)};
};

TEST_F(TenantSnapshotTest, HasTheActiveUsersWithAllTheyHave) {
  const auto organization = make_organization(database, tenant, "org-1");
  add_user("usr-b", 3);
  add_user("usr-a", 1);
  add_user("usr-c", 4);
  run("INSERT INTO applications (tenant_id, application_id, name) VALUES ($T, 'crm', ''), ($T, 'hr', '');"
      "INSERT INTO user_applications (tenant_id, user_id, application_id) VALUES ($T, 'usr-b', 'crm'), ($T, "
      "'usr-b', "
      "'hr'), ($T, 'usr-c', 'crm');"
      "INSERT INTO memberships (tenant_id, user_id, account_id, entity_role) VALUES ($T, 'usr-b', '" +
      to_string(organization.account) + "', 2), ($T, 'usr-c', '" + to_string(organization.account) +
      "', 1);"
      "INSERT INTO user_identities VALUES ($T, 'https://b', 'x', 'usr-b'), ($T, 'https://a', 'y', 'usr-a'),"
      " ($T, 'https://a', 'z', 'usr-c');"
      "UPDATE users SET status = 'disabled' WHERE user_id = 'usr-c';"
      "UPDATE users SET tokens_from = '2026-03-01 00:00:00+00' WHERE user_id = 'usr-b';"
      "UPDATE applications SET deleted_at = now() WHERE application_id = 'hr'");

  const auto loaded = load();

  ASSERT_THAT(loaded->users, SizeIs(2));
  const auto* user = loaded->find_user("usr-b");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->role, user_role::organization_admin);
  EXPECT_THAT(user->memberships, ElementsAre(membership{organization.account, entity_role::editor}));
  EXPECT_THAT(user->applications, ElementsAre("crm"));
  EXPECT_EQ(to_rfc3339(user->tokens_from), "2026-03-01T00:00:00Z");
  EXPECT_EQ(loaded->find_user("https://b", "x"), user);
  EXPECT_EQ(loaded->find_user("https://a", "y"), loaded->find_user("usr-a"));
  EXPECT_EQ(loaded->find_user("https://a", "z"), nullptr) << "disabled";
  EXPECT_THAT(loaded->applications, UnorderedElementsAre("crm"));
}

TEST_F(TenantSnapshotTest, HasNothingThatWasDeleted) {
  make_organization(database, tenant, "org-1");
  make_organization(database, tenant, "org-2");
  run("UPDATE entities SET status = 'deleted' WHERE entity_id = 'org-1'");
  const auto loaded = load();
  EXPECT_FALSE(loaded->find({entity_type::organization, "org-1"}));
  EXPECT_TRUE(loaded->find({entity_type::organization, "org-2"}));
}

TEST_F(TenantSnapshotTest, HasThePolicies) {
  EXPECT_FALSE(load()->policies.manages_credits);
  run("UPDATE tenants SET policies = '{\"managesCredits\": true, \"floatingUsers\": true}' WHERE tenant_id = "
      "$T");
  const auto policies = load()->policies;
  EXPECT_TRUE(policies.manages_credits);
  EXPECT_FALSE(policies.peer_org_admins);
  EXPECT_TRUE(policies.floating_users);
}

TEST_F(TenantSnapshotTest, RemembersSessionsAsLongAsTheirTokensCouldLive) {
  add_user("usr-1", 1);
  run("INSERT INTO user_sessions (session_id, tenant_id, user_id, ended_at) VALUES"
      " ('00000000-0000-7000-8000-000000000001', $T, 'usr-1', NULL),"
      " ('00000000-0000-7000-8000-000000000003', $T, 'usr-1', now() - interval '59 minutes'),"
      " ('00000000-0000-7000-8000-000000000002', $T, 'usr-1', now()),"
      " ('00000000-0000-7000-8000-000000000004', $T, 'usr-1', now() - interval '61 minutes')");
  const auto loaded = load();
  const auto ended = [&](int number) {
    return loaded->has_ended(*uuid::parse("00000000-0000-7000-8000-00000000000" + std::to_string(number)));
  };
  EXPECT_FALSE(ended(1));
  EXPECT_TRUE(ended(2));
  EXPECT_TRUE(ended(3));
  EXPECT_FALSE(ended(4));
}

TEST_F(TenantSnapshotTest, IsReadAnewAfterEveryChangeAndNoOther) {
  const auto organization = make_organization(database, tenant, "org-1");
  const auto account = "'" + to_string(organization.account) + "'";
  const struct {
    std::string sql;
    bool changes;
  } steps[] = {
      {"INSERT INTO users (tenant_id, user_id, email, email_key, role) VALUES ($T, 'usr-1', 'a', 'a', 1)",
       true},
      {"UPDATE users SET role = 2", true},
      {"UPDATE users SET password_hash = 'x', first_name = 'A'", false},
      {"UPDATE users SET tokens_from = now()", true},
      {"INSERT INTO memberships (tenant_id, user_id, account_id, entity_role) VALUES ($T, 'usr-1', " +
           account + ", 1)",
       true},
      {"UPDATE memberships SET entity_role = 2", true},
      {"DELETE FROM memberships", true},
      {"INSERT INTO applications (tenant_id, application_id, name) VALUES ($T, 'crm', '')", true},
      {"INSERT INTO user_applications (tenant_id, user_id, application_id) VALUES ($T, 'usr-1', 'crm')",
       true},
      {"DELETE FROM user_applications", true},
      {"INSERT INTO user_identities VALUES ($T, 'https://a', 'x', 'usr-1')", true},
      {"DELETE FROM user_identities", true},
      {"INSERT INTO user_sessions (session_id, tenant_id, user_id) VALUES (gen_random_uuid(), $T, 'usr-1')",
       false},
      {"UPDATE user_sessions SET ended_at = now()", false}, // asked for by itself
      {"INSERT INTO api_keys (tenant_id, key_id, name, key_sha256, scopes) VALUES ($T, 'key-1', '', "
       "sha256('x'), '{}')",
       true},
      {"UPDATE api_keys SET last_used_at = now(), name = 'Key'", false},
      {"UPDATE api_keys SET revoked_at = now()", true},
      {"UPDATE tenants SET policies = '{\"peerOrgAdmins\": true}' WHERE tenant_id = $T", true},
      {"UPDATE tenants SET timezone = 'Europe/Berlin' WHERE tenant_id = $T", true},
      {"UPDATE entities SET status = 'deleted' WHERE account_id = " + account, true},
      {"UPDATE users SET status = 'disabled'", true},
      {"DELETE FROM users", true},
  };
  auto before = load()->version;
  for (const auto& [sql, changes] : steps) {
    run(sql);
    const auto after = load()->version;
    EXPECT_EQ(after > before, changes) << sql;
    before = after;
  }
}

TEST_F(TenantSnapshotTest, IsOfOneMoment) {
  open_session in_the_way(owner_options(database));
  in_the_way.execute("BEGIN", patience);
  in_the_way.execute("LOCK TABLE api_keys", patience);
  auto loading =
      std::async(std::launch::async, [&] { return load(); }); // has read what comes before the keys
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] {
    return owner
        .execute(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'test-writer'"
            " AND datname = current_database() AND wait_event_type = 'Lock'",
            patience
        )
        .boolean(0, 0);
  }));
  add_user("usr-1", 1);
  in_the_way.execute("COMMIT", patience);
  const auto before = loading.get();
  EXPECT_THAT(before->users, SizeIs(0));
  const auto after = load();
  EXPECT_THAT(after->users, SizeIs(1));
  EXPECT_GT(after->version, before->version);
}

/// The budget: under a second, and under 200 bytes an entity with all keys.
TEST_F(TenantSnapshotTest, AHundredThousandEntitiesAndTenThousandKeysAreCheap) {
  constexpr std::size_t entities = 100'000;
  // Without triggers: one version for all of them. 10 below each: five levels.
  run("SET session_replication_role = replica;"
      "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name, parent_account)"
      " SELECT md5('a' || n)::uuid, $T, CASE WHEN n < 10000 THEN 2 ELSE 3 END,"
      "  CASE WHEN n < 10000 THEN 'org-' ELSE 'loc-' END || md5('e' || n)::uuid, 'Entity ' || n,"
      "  CASE WHEN n < 10 THEN '" +
      to_string(tenant.genesis.account) +
      "' ELSE md5('a' || n / 10)::uuid END FROM generate_series(1, 99999) AS n;"
      "INSERT INTO api_keys (tenant_id, key_id, name, key_sha256, scopes, bound_account)"
      " SELECT $T, 'key-' || md5('k' || n)::uuid, 'Key', sha256(('k' || n)::bytea), "
      "'{credits:read,credits:consume}',"
      "  md5('a' || n)::uuid FROM generate_series(1, 10000) AS n;"
      "SET session_replication_role = DEFAULT; ANALYZE entities; ANALYZE api_keys");

  load(); // statements are prepared, pages are warm
  const auto heap_before = heap_in_use();
  const auto begun = std::chrono::steady_clock::now();
  const auto loaded = load();
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  const auto heap = heap_in_use() - heap_before;

  ASSERT_THAT(loaded->tree.all(), SizeIs(entities));
  ASSERT_THAT(loaded->keys, SizeIs(10'000));
  std::printf(
      "100,000 entities and 10,000 keys: %lld ms, %.1f bytes an entity in the tree, %.1f with keys\n",
      static_cast<long long>(took.count()),
      static_cast<double>(loaded->tree.bytes()) / entities,
      static_cast<double>(heap) / entities
  );
  EXPECT_LT(loaded->tree.bytes() / entities, 200u);
  EXPECT_LT(heap / entities, 200u);
  EXPECT_LT(took, std::chrono::seconds(5)); // the budget is one; a busy machine is no failure
}

} // namespace

} // namespace tessera::test
