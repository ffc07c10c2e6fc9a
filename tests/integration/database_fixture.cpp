#include "tests/integration/database_fixture.hpp"

#include "actors/account/seal.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/migrator.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <stdexcept>

namespace tessera::test {

namespace {

const auto opened_at = start_of_test - std::chrono::hours{1};

persistence::new_account account_of(const entry& genesis) {
  return {genesis.account, genesis.booked_at, genesis.writer, genesis.hash};
}

class memory_database final : public ledger_under_test {
public:
  std::unique_ptr<persistence::journal_store> writer() override {
    return std::make_unique<memory_journal_store>(ledger_);
  }
  std::unique_ptr<persistence::account_store> accounts() override {
    return std::make_unique<memory_account_store>(ledger_);
  }
  entry open_account() override {
    const auto genesis = genesis_entry(fresh<account_id>(), test_tenant, opened_at, test_writer);
    ledger_.open_account(genesis);
    return genesis;
  }
  void put_inbox(const inbox_command& row) override { ledger_.put_inbox(row); }
  inbox_row inbox(const inbox_id& id) override { return ledger_.inbox(id); }

private:
  memory_ledger ledger_;
};

class postgres_database final : public ledger_under_test {
public:
  postgres_database() : owner_(owner_options(database())) { owner_.open(); }

  std::unique_ptr<persistence::journal_store> writer() override {
    return std::make_unique<persistence::pg_journal_store>(service_url(database()), test_writer, patience);
  }
  std::unique_ptr<persistence::account_store> accounts() override {
    return std::make_unique<persistence::pg_account_store>(service_url(database()), "contract", patience);
  }
  entry open_account() override {
    return make_organization(database(), tenant(), "org-" + std::to_string(fresh_number()));
  }

  void put_inbox(const inbox_command& row) override {
    open_session session(api_options(database()));
    in_transaction(session, tenant().id, [&](pg::transaction& in) {
      std::visit([&](const auto& command) { persistence::leave(in, tenant().id, command); }, row);
      return true;
    });
  }

  inbox_row inbox(const inbox_id& id) override {
    const auto rows = owner_.execute(
        "SELECT absorbed_seq, refused_code, coalesce(fulfilled, 0) FROM credit_inbox WHERE inbox_id = $1",
        pg::parameters().add(id),
        patience
    );
    inbox_row row;
    if (const auto seq = rows.optional_int8(0, 0)) row.absorbed_seq = static_cast<std::uint64_t>(*seq);
    if (!rows.is_null(0, 1)) row.refused = code_named(rows.text(0, 1));
    row.fulfilled = credits{rows.int8(0, 2)};
    return row;
  }

private:
  static errc code_named(const std::string& text) {
    for (const auto code : {errc::amount_out_of_range, errc::hold_not_open, errc::insufficient_credits})
      if (text == to_string(code)) return code;
    throw std::runtime_error("refused with " + text);
  }
  static const std::string& database() {
    static const auto name = migrated_database();
    return name;
  }
  static const made_tenant& tenant() {
    static const auto made = make_tenant(database());
    return made;
  }

  pg::connection owner_;
};

} // namespace

std::uint32_t fresh_number() {
  static std::uint32_t last = 100'000;
  return ++last;
}

std::unique_ptr<ledger_under_test> memory_under_test() {
  return std::make_unique<memory_database>();
}
std::unique_ptr<ledger_under_test> postgres_under_test() {
  return std::make_unique<postgres_database>();
}

std::string migrated_database() {
  auto& cluster = postgres_cluster::shared();
  static const auto original = [&] {
    auto name = cluster.create_database();
    pg::connection session(owner_options(name));
    session.open();
    persistence::migrate(session);
    return name;
  }();
  return cluster.create_database(original);
}

std::string service_url(const std::string& database) {
  return postgres_cluster::shared().url(database, "tessera_service");
}

pg::session_options owner_options(const std::string& database) {
  return {
      .url = postgres_cluster::shared().url(database),
      .role = {},
      .application_name = "test-owner",
      .settings = {}};
}
pg::session_options api_options(const std::string& database) {
  return {
      .url = service_url(database), .role = "tessera_api", .application_name = "test-api", .settings = {}};
}
pg::session_options writer_options(const std::string& database) {
  return persistence::writer_session(service_url(database), "test-writer");
}

made_tenant make_tenant(const std::string& database, const std::string& timezone) {
  made_tenant made;
  made.id = fresh<tenant_id>();
  made.name = "tenant-" + std::to_string(fresh_number());
  made.genesis = genesis_entry(fresh<account_id>(), made.id, opened_at, test_writer);
  pg::connection session(api_options(database));
  session.open();
  const persistence::new_tenant tenant{
      .tenant = made.id, .id = made.name, .name = "Test", .timezone = timezone, .plan = "enterprise"};
  const auto code = persistence::create_tenant(session, tenant, account_of(made.genesis), patience);
  if (code != errc::ok) throw std::runtime_error("no tenant: " + std::string(to_string(code)));
  return made;
}

entry make_organization(const std::string& database, const made_tenant& tenant, const std::string& id) {
  const auto genesis = genesis_entry(fresh<account_id>(), tenant.id, opened_at, test_writer);
  pg::connection session(api_options(database));
  session.open();
  pg::transaction in(session, tenant.id, patience);
  const create_entity command{
      tenant.id, {entity_type::organization, id}, "Test", {entity_type::tenant, tenant.name}};
  const auto code = persistence::create_entity(in, command, account_of(genesis));
  if (code != errc::ok) throw std::runtime_error("no entity: " + std::string(to_string(code)));
  in.commit();
  return genesis;
}

} // namespace tessera::test
