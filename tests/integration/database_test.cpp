// What only a real PostgreSQL can show: roles, triggers, migrations, lost connections.
#include "persistence/stores/migrator.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <vector>

namespace tessera::test {
namespace {

using persistence::append_status;
using testing::HasSubstr;
using testing::IsEmpty;

class DatabaseTest : public testing::Test {
protected:
  /// The SQLSTATE of a statement, empty when it succeeds.
  static std::string state_of(const std::function<void()>& run) {
    try {
      run();
      return {};
    } catch (const pg::error& why) {
      return std::string(why.sqlstate());
    }
  }
  static std::string state_of(pg::connection& session, const char* sql) {
    return state_of([&] { session.execute(sql, patience); });
  }
  std::int64_t count(pg::transaction& in, const char* sql) { return in.execute(sql).int8(0, 0); }

  persistence::append_outcome append(persistence::journal_store& store, const write_set& writes) {
    const write_set* round[] = {&writes};
    return store.append(round);
  }

  /// An entry whose account is locked until the transaction of the session ends.
  void hold_entry(pg::connection& session, const entry& first, std::uint64_t seq) {
    session.execute("BEGIN", patience);
    session.execute(
        "INSERT INTO credit_entries (account_id, seq, tenant_id, entry_type, units, slices, available_after,"
        " reserved_after, used_after, debt_after, usable_after, occurred_at, booked_at, writer, "
        "principal_kind,"
        " application, meter, reference, principal_id, principal_application, request_id, event_id, "
        "caller_key,"
        " metadata, hash) SELECT account_id, $2, tenant_id, 4, 0, '', 0, 0, 0, 0, 0, now(), now(), writer, "
        "0, '', '',"
        " '', '', '', '', '', '', '', hash FROM credit_entries WHERE account_id = $1 AND seq = 0",
        pg::parameters().add(first.account).add(static_cast<std::int64_t>(seq)),
        patience
    );
  }

  const std::string database = migrated_database();
  open_session owner{owner_options(database)};
  open_session api{api_options(database)};
  open_session writer{writer_options(database)};
  const made_tenant tenant = make_tenant(database);
  const entry genesis = make_organization(database, tenant, "org-1");
};

// Roles

TEST_F(DatabaseTest, TheWriterAppendsThroughTheFunctionsOnly) {
  constexpr auto denied = "42501";
  EXPECT_EQ(
      state_of(writer, "INSERT INTO credit_entries (account_id) SELECT account_id FROM credit_entries"),
      denied
  );
  EXPECT_EQ(state_of(writer, "UPDATE credit_entries SET units = 1"), denied);
  EXPECT_EQ(state_of(writer, "DELETE FROM credit_entries"), denied);
  EXPECT_EQ(state_of(writer, "TRUNCATE credit_entries"), denied);
  EXPECT_EQ(state_of(writer, "UPDATE credit_balances SET used_credits = 0"), denied);
  EXPECT_EQ(state_of(writer, "UPDATE credit_lots SET free = amount"), denied);
  EXPECT_EQ(state_of(writer, "UPDATE credit_inbox SET absorbed_seq = 1"), denied);
  EXPECT_EQ(
      state_of(api, "INSERT INTO credit_entries (account_id) SELECT account_id FROM credit_entries"), denied
  );
  EXPECT_EQ(state_of(api, "SELECT journal_close_lots('{}')"), denied);
  EXPECT_EQ(
      state_of(api, "UPDATE credit_purchases SET completed_at = now()"), denied
  ); // without it none is completed (0022)
  EXPECT_EQ(state_of(api, "INSERT INTO outbox SELECT * FROM outbox"), denied);
  EXPECT_EQ(state_of(writer, "SELECT journal_settle_purchases('{}')"), denied);
}

TEST_F(DatabaseTest, NobodyChangesAnEntry) {
  constexpr auto raised = "P0001";
  EXPECT_EQ(state_of(owner, "UPDATE credit_entries SET units = 1"), raised);
  EXPECT_EQ(state_of(owner, "DELETE FROM credit_entries"), raised);
  EXPECT_EQ(state_of(owner, "TRUNCATE credit_entries"), raised);
  owner.execute("SET ROLE tessera_owner", patience);
  EXPECT_EQ(state_of(owner, "TRUNCATE credit_entries CASCADE"), raised);
}

TEST_F(DatabaseTest, ATenantSeesItsOwnRowsOnly) {
  const auto other = make_tenant(database);
  make_organization(database, other, "org-2");
  for (const auto* table : {"tenants", "entities", "credit_entries", "credit_balances"}) {
    const auto all = std::string("SELECT count(*) FROM ") + table;
    const auto foreign = all + " WHERE tenant_id <> current_tenant()";
    pg::connection session(api_options(database)); // statements are prepared by their address
    session.open();
    pg::transaction in(session, tenant.id, patience);
    EXPECT_GT(count(in, all.c_str()), 0) << table;
    EXPECT_EQ(count(in, foreign.c_str()), 0) << table;
  }
}

TEST_F(DatabaseTest, WithoutATenantNothingIsVisible) {
  EXPECT_EQ(api.execute("SELECT count(*) FROM tenants", patience).int8(0, 0), 0);
  EXPECT_EQ(api.execute("SELECT count(*) FROM entities", patience).int8(0, 0), 0);
  EXPECT_EQ(api.execute("SELECT count(*) FROM credit_entries", patience).int8(0, 0), 0);
  EXPECT_EQ(api.execute("SELECT count(*) FROM credit_balances", patience).int8(0, 0), 0);
}

TEST_F(DatabaseTest, ATenantWritesForItselfOnly) {
  const auto other = make_tenant(database);
  pg::transaction in(api, tenant.id, patience);
  EXPECT_EQ(
      state_of([&] {
        in.execute(
            "INSERT INTO applications (tenant_id, application_id, name) VALUES ($1, 'x', 'x')",
            pg::parameters().add(other.id)
        );
      }),
      "42501"
  );
}

TEST_F(DatabaseTest, AnAccountIsOpenedForTheTenantsEntityOnly) {
  const auto other = make_tenant(database);
  const auto open_as = [&](const tenant_id& caller, const account_id& account, const tenant_id& whose) {
    return state_of([&] {
      pg::transaction in(api, caller, patience);
      in.execute(
          "SELECT journal_open_account($1, $2, now(), $1, $3)",
          pg::parameters().add(account.value).add(whose).add(digest{})
      );
    });
  };
  const auto open_for = [&](const account_id& account, const tenant_id& whose) {
    return open_as(whose, account, whose);
  };
  EXPECT_EQ(open_as(other.id, tenant.genesis.account, tenant.id), "42501");
  EXPECT_EQ(open_for(tenant.genesis.account, other.id), "23503");
  EXPECT_EQ(open_for(fresh<account_id>(), tenant.id), "23503");
  EXPECT_EQ(open_for(tenant.genesis.account, tenant.id), "23505"); // it is open
}

// Migrations

TEST_F(DatabaseTest, MigratesOnce) {
  EXPECT_THAT(persistence::migrate(owner), IsEmpty());
  EXPECT_EQ(persistence::schema_problem(owner), "");
  EXPECT_EQ(persistence::schema_problem(writer), "");
}

TEST_F(DatabaseTest, RefusesADatabaseThatIsNewer) {
  owner.execute("INSERT INTO schema_migrations (name, sha256) VALUES ('9999_future', 'x')", patience);
  EXPECT_THAT(persistence::schema_problem(owner), HasSubstr("9999_future"));
  EXPECT_THROW(persistence::migrate(owner), std::runtime_error);
}

TEST_F(DatabaseTest, RefusesADatabaseThatIsOlderOrDifferent) {
  owner.execute(
      "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)", patience
  );
  EXPECT_THAT(persistence::schema_problem(owner), HasSubstr("tessera migrate"));
  owner.execute("UPDATE schema_migrations SET sha256 = 'x' WHERE name LIKE '0001%'", patience);
  EXPECT_THAT(persistence::schema_problem(owner), HasSubstr("another text"));
}

// Connections

TEST_F(DatabaseTest, AConnectionLostInASegmentLeavesTheOutcomeUnknown) {
  persistence::pg_journal_store store(service_url(database), test_writer, patience);
  ledger_author author(genesis);
  ASSERT_EQ(append(store, author.receive(a_lot(fresh_number(), 100))).status, append_status::committed);
  hold_entry(owner, genesis, 2);

  const auto writes = author.spend(1);
  auto waiting = std::async(std::launch::async, [&] { return append(store, writes); });
  pg::connection observer(owner_options(database));
  observer.open();
  wait_until(milliseconds{5'000}, [&] {
    return observer
        .execute(
            "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name = "
            "'tessera-lane'"
            " AND datname = current_database() AND wait_event_type = 'Lock'",
            patience
        )
        .boolean(0, 0);
  });
  EXPECT_EQ(waiting.get().status, append_status::unknown);

  owner.execute("ROLLBACK", patience);
  EXPECT_EQ(append(store, writes).status, append_status::committed); // it connects again
}

TEST_F(DatabaseTest, ALockThatTakesTooLongIsTransient) {
  persistence::pg_journal_store store(service_url(database), test_writer, patience);
  ledger_author author(genesis);
  hold_entry(owner, genesis, 1);
  const auto writes = author.receive(a_lot(fresh_number(), 100));
  EXPECT_EQ(append(store, writes).status, append_status::transient);
  owner.execute("ROLLBACK", patience);
  EXPECT_EQ(append(store, writes).status, append_status::committed);
}

TEST_F(DatabaseTest, NothingHappensWithoutAConnection) {
  persistence::pg_journal_store store(
      "postgresql://nobody@/nowhere?host=/nonexistent", test_writer, patience
  );
  std::vector<recorded_spend> found;
  EXPECT_EQ(append(store, ledger_author(genesis).receive(a_lot(1, 1))).status, append_status::unavailable);
  EXPECT_FALSE(store.find_keys(std::vector{a_key(1).key}, found));
}

} // namespace
} // namespace tessera::test
