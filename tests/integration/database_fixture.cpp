#include "tests/integration/database_fixture.hpp"

#include "actors/account/seal.hpp"
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
    std::visit([this](const auto& command) { put(command); }, row);
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
  void put(const receive_credits& command) {
    const auto& opened = command.lots.front();
    owner_.execute(
        "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, lot_id, root_lot_id, "
        "parent_lot_id,"
        " lot_kind, priority, effective_at, expires_at, applications, purchase_id, unit_cost_minor, currency,"
        " principal_kind, principal_id, principal_application, request_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        pg::parameters()
            .add(command.id)
            .add(command.account)
            .add(tenant().id)
            .add(static_cast<std::int16_t>(command.kind))
            .add(opened.amount.value())
            .add(opened.id)
            .add(opened.root)
            .add(opened.parent)
            .add(static_cast<std::int16_t>(opened.kind))
            .add(static_cast<std::int16_t>(opened.priority))
            .add(opened.effective_at)
            .add(opened.expires_at)
            .add_array(
                pg::parameters::type::text,
                opened.applications,
                [](const std::string& s) -> std::string_view { return s; }
            )
            .add(command.reference)
            .add(opened.unit_cost_minor)
            .add(opened.currency)
            .add(static_cast<std::int16_t>(command.requested_by.kind))
            .add(command.requested_by.id)
            .add(command.requested_by.application)
            .add(command.request_id),
        patience
    );
  }

  void put(const instruction& asked) {
    const auto number = [](std::uint64_t hold) { return static_cast<std::int64_t>(hold); };
    const bool moves = asked.kind == inbox_kind::move_on || asked.kind == inbox_kind::recall;
    const bool holds = asked.kind == inbox_kind::set_aside;
    owner_.execute(
        "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, partial, roots, purpose, ttl_us,"
        " holds, to_account_id, carrier_id, principal_kind, principal_id, principal_application, request_id,"
        " reference)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        pg::parameters()
            .add(asked.id)
            .add(asked.account)
            .add(tenant().id)
            .add(static_cast<std::int16_t>(asked.kind))
            .add(asked.wanted.value())
            .add(asked.partial)
            .add_array(pg::parameters::type::uuid, asked.roots, [](const lot_id& id) { return id; })
            .add(holds ? std::optional(static_cast<std::int16_t>(asked.purpose)) : std::nullopt)
            .add(holds ? std::optional<std::int64_t>(asked.ttl.count()) : std::nullopt)
            .add_array(pg::parameters::type::int8, asked.holds, number)
            .add(asked.to)
            .add(moves ? std::optional(asked.carrier) : std::nullopt)
            .add(static_cast<std::int16_t>(asked.requested_by.kind))
            .add(asked.requested_by.id)
            .add(asked.requested_by.application)
            .add(asked.request_id)
            .add(asked.reference),
        patience
    );
  }

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
      .tenant = made.id, .id = made.name, .name = "Test", .timezone = timezone};
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
