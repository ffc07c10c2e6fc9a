#include "tools/tessera/owner_session.hpp"

#include "persistence/stores/directory_store.hpp"

#include <CLI/CLI.hpp>

#include <stdexcept>

namespace tessera::cli {

void add_operator_options(CLI::App& command, operator_options& into) {
  command.add_option("--database-url", into.database_url, "A login that owns the schema")
      ->envname("TESSERA_DATABASE_URL")
      ->required();
  command.add_flag("--json", into.json, "Answer as JSON");
}

pg::session_options owner_session(const std::string& url) {
  return {.url = url, .role = "", .application_name = "tessera-cli", .settings = {}};
}

void require(errc code, const std::string& what) {
  if (code != errc::ok) throw std::runtime_error(what + ": " + std::string(to_string(code)));
}

tenant_id tenant_named(pg::connection& session, const std::string& id) {
  const auto found = persistence::tenant_by_id(session, id, std::chrono::seconds(10));
  if (!found) throw std::runtime_error("there is no tenant " + id);
  return *found;
}

} // namespace tessera::cli
