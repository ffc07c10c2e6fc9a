// tessera migrate
#include "persistence/stores/migrator.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/owner_session.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tessera::cli {

void add_migrate(CLI::App& app) {
  auto chosen = std::make_shared<operator_options>();
  auto* command = app.add_subcommand("migrate", "Bring the database's schema up to this binary's");
  add_operator_options(*command, *chosen);
  command->callback([chosen] {
    pg::connection session(owner_session(chosen->database_url));
    session.open();
    const auto done = persistence::migrate(session);
    if (done.empty() && !chosen->json) std::cout << "the schema is up to date\n";
    for (const auto& name : done)
      std::cout << (chosen->json ? "{\"applied\":\"" + name + "\"}" : "applied " + name) << '\n';
  });
}

} // namespace tessera::cli
