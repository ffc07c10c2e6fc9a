// tenant create, key create, package create
#include "messages/types/money.hpp"
#include "tools/tessera/command_parts.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/directory_admin.hpp"
#include "tools/tessera/owner_session.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tessera::cli {

namespace {

/// What is wrong with it, in CLI11's way; empty when it is fine.
std::string is_currency(const std::string& code) {
  return exponent_of(code) ? "" : code + " is no currency of ISO 4217";
}

} // namespace

void add_tenant_create(CLI::App& app) {
  struct options : operator_options, tenant_request {};
  auto chosen = std::make_shared<options>();
  auto* command = group(app, "tenant", "Tenants").add_subcommand("create", "Make a tenant and its account");
  add_operator_options(*command, *chosen);
  command->add_option("--id", chosen->id, "How callers name it; made when not given");
  command->add_option("--name", chosen->name, "For people")->required();
  command->add_option("--timezone", chosen->timezone, "IANA name; decides when a day ends")
      ->capture_default_str();
  command->add_option("--currency", chosen->currency, "ISO 4217")->capture_default_str();
  command->add_option("--plan", chosen->plan, "What it may have, and what it is given each month")
      ->capture_default_str()
      ->check(CLI::IsMember({"free", "starter", "professional", "enterprise"}));
  command->callback([chosen] {
    pg::connection session(owner_session(chosen->database_url));
    session.open();
    print(chosen->json, {{"tenantId", create_tenant(session, *chosen, false).id}});
  });
}

void add_key_create(CLI::App& app) {
  struct options : operator_options, key_request {};
  auto chosen = std::make_shared<options>();
  auto* command = group(app, "key", "API keys").add_subcommand("create", "Make an API key; it is shown once");
  add_operator_options(*command, *chosen);
  command->add_option("--tenant", chosen->tenant, "The tenant's id")->required();
  command->add_option("--name", chosen->name, "For people")->required();
  command->add_option("--scope", chosen->scopes, "What it may do, such as credits:consume; repeatable")
      ->required();
  command->add_option("--application", chosen->application, "Bind it to this application");
  command->add_option("--entity", chosen->entity, "Bind it to TYPE/ID and what is below");
  command->callback([chosen] {
    pg::connection session(owner_session(chosen->database_url));
    session.open();
    const auto made = create_key(session, *chosen);
    print(chosen->json, {{"keyId", made.key_id}, {"key", made.key}});
  });
}

void add_package_create(CLI::App& app) {
  struct options : operator_options {
    std::string tenant;
    credit_package package;
    std::int64_t credits = 0;
  };
  auto chosen = std::make_shared<options>();
  auto* command = group(app, "package", "Packages").add_subcommand("create", "Put a package on sale");
  add_operator_options(*command, *chosen);
  auto& package = chosen->package;
  package.currency = "USD";
  package.validity_days = 365;
  command->add_option("--tenant", chosen->tenant, "The tenant's id")->required();
  command->add_option("--id", package.id, "How callers name it")->required();
  command->add_option("--name", package.name, "For people; the id when not given");
  command->add_option("--credits", chosen->credits, "How many")
      ->required()
      ->check(CLI::Range(std::int64_t{1}, credits::limit));
  command->add_option("--price-minor", package.price_minor, "In cents or what the currency has")
      ->required()
      ->check(CLI::Range(std::int64_t{0}, most_minor_units));
  command->add_option("--currency", package.currency, "ISO 4217")->capture_default_str()->check(is_currency);
  command->add_option("--validity-days", package.validity_days, "Good through the end of that day")
      ->capture_default_str()
      ->check(CLI::Range(1, 36'500));
  command->callback([chosen] {
    auto& sold = chosen->package;
    sold.amount = credits{chosen->credits};
    if (sold.name.empty()) sold.name = sold.id;
    pg::connection session(owner_session(chosen->database_url));
    session.open();
    require(create_package(session, chosen->tenant, sold), "package " + sold.id);
    print(chosen->json, {{"packageId", sold.id}});
  });
}

} // namespace tessera::cli
