// tessera verify: believes nothing and recomputes everything.
#include "http/json/writer.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/snapshot_store.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/ledger_verifier.hpp"
#include "tools/tessera/owner_session.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <stdexcept>

namespace tessera::cli {

namespace {

constexpr std::chrono::seconds statement_limit{10};

struct verify_options : operator_options {
  std::string tenant;
  std::string account;
};

/// Sees every tenant, or refuses: a ledger that row-level security hides would look sound.
void become_reader(pg::connection& session) {
  try {
    session.execute("SET ROLE tessera_writer", statement_limit);
  } catch (const pg::error&) {
    if (!session.is_open()) throw;
    if (session.execute("SELECT row_security_active('credit_entries')", statement_limit).boolean(0, 0))
      throw std::runtime_error("this login sees its own rows only: connect as the owner or as tessera_service"
      );
  }
}

account_id account_named(pg::connection& session, const verify_options& chosen) {
  if (const auto id = uuid::parse(chosen.account)) return account_id{*id};
  const auto slash = chosen.account.find('/');
  const auto type = parse_entity_type(chosen.account.substr(0, slash));
  if (slash == std::string::npos || !type || chosen.tenant.empty())
    throw std::runtime_error("--account is an account's UUID, or TYPE/ID together with --tenant");
  const auto tenant =
      persistence::load_tenant(session, tenant_named(session, chosen.tenant), statement_limit);
  const auto* found = tenant->find({*type, chosen.account.substr(slash + 1)});
  if (!found) throw std::runtime_error("there is no entity " + chosen.account);
  return found->account;
}

persistence::scan_range range_of(pg::connection& session, const verify_options& chosen) {
  persistence::scan_range range;
  range.last.value.bytes.fill(0xff);
  if (!chosen.tenant.empty()) range.tenant = tenant_named(session, chosen.tenant);
  if (!chosen.account.empty()) range.first = range.last = account_named(session, chosen);
  return range;
}

void print_json(const verification& done) {
  std::string text;
  http::json::writer out(text);
  out.begin_object().field("ok", done.flaw_count == 0);
  out.field("accounts", done.accounts).field("entries", done.entries).field("lots", done.lots);
  out.field("flawCount", done.flaw_count).key("flaws").begin_array();
  for (const auto& each : done.flaws) {
    out.begin_object().field("accountId", to_string(each.account)).field("tenantId", each.tenant);
    out.field("entityType", to_string(each.entity.type)).field("entityId", each.entity.id).key("seq");
    each.seq ? out.integer(*each.seq) : out.null();
    out.field("what", each.what).end_object();
  }
  out.end_array().end_object();
  std::cout << text << '\n';
}

void print(const verification& done) {
  for (const auto& each : done.flaws) {
    std::cout << "tenant " << each.tenant << ", " << to_string(each.entity.type) << '/' << each.entity.id
              << " (account " << to_string(each.account) << ")";
    if (each.seq) std::cout << ", seq " << *each.seq;
    std::cout << ": " << each.what << '\n';
  }
  if (done.flaw_count > done.flaws.size())
    std::cout << "and " << done.flaw_count - done.flaws.size() << " more\n";
  std::cout << (done.flaw_count == 0 ? "sound: " : "NOT SOUND: ") << done.accounts << " accounts, "
            << done.entries << " entries, " << done.lots << " lots\n";
}

void run(const verify_options& chosen) {
  pg::connection session(owner_session(chosen.database_url));
  session.open();
  become_reader(session);
  const auto range = range_of(session, chosen);
  const auto done = verify_ledger(session, range);
  if (!chosen.account.empty() && done.accounts == 0)
    throw std::runtime_error("there is no account " + chosen.account);
  chosen.json ? print_json(done) : print(done);
  if (done.flaw_count > 0) throw CLI::RuntimeError(1);
}

} // namespace

void add_verify(CLI::App& app) {
  auto chosen = std::make_shared<verify_options>();
  auto* command = app.add_subcommand(
      "verify", "Recompute the chain and every balance from the entries; exit code 1 when anything disagrees"
  );
  add_operator_options(*command, *chosen);
  command->add_option("--tenant", chosen->tenant, "Only this tenant");
  command->add_option("--account", chosen->account, "Only this account: its UUID, or TYPE/ID with --tenant");
  command->callback([chosen] { run(*chosen); });
}

} // namespace tessera::cli
