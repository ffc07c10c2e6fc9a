#include "persistence/stores/migrator.hpp"

#include "persistence/schema/migrations.hpp"

#include <stdexcept>

namespace tessera::persistence {

namespace {

using namespace std::chrono_literals;

constexpr auto migration_patience = 60s;
// A script may rewrite a large table or build an index of it: giving it up half-way would only undo the work.
constexpr auto as_long_as_it_takes = std::chrono::hours{24 * 365};

struct applied_migration {
  std::string name;
  std::string sha256; // hexadecimal, by PostgreSQL
};

bool has_migrations_table(pg::connection& session) {
  return session.execute("SELECT to_regclass('public.schema_migrations') IS NOT NULL", migration_patience)
      .boolean(0, 0);
}

std::vector<applied_migration> applied(pg::connection& session) {
  std::vector<applied_migration> all;
  if (!has_migrations_table(session)) return all;
  const auto rows =
      session.execute("SELECT name, sha256 FROM schema_migrations ORDER BY name", migration_patience);
  for (int i = 0; i < rows.size(); ++i)
    all.push_back({rows.text(i, 0), rows.text(i, 1)});
  return all;
}

std::string sha256_of(pg::connection& session, std::string_view sql) {
  return session
      .execute("SELECT encode(sha256($1), 'hex')", pg::parameters().add_bytes(sql), migration_patience)
      .text(0, 0);
}

/// What is applied must be the beginning of what we know.
std::string difference(pg::connection& session, const std::vector<applied_migration>& there) {
  const auto known = migrations();
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (i >= known.size() || there[i].name != known[i].name)
      return "the database has migration " + there[i].name + ", which this binary does not know";
    if (there[i].sha256 != sha256_of(session, known[i].sql))
      return "migration " + there[i].name + " was applied with another text than this binary has";
  }
  return {};
}

void apply(pg::connection& session, const migration& next) {
  session.execute("BEGIN", migration_patience);
  // The first migration makes the roles and becomes the owner by itself.
  if (!next.name.starts_with("0001")) session.execute("SET LOCAL ROLE tessera_owner", migration_patience);
  session.run_script(std::string(next.sql), as_long_as_it_takes);
  session.execute("RESET ROLE", migration_patience);
  session.execute(
      "INSERT INTO schema_migrations (name, sha256) VALUES ($1, encode(sha256($2), 'hex'))",
      pg::parameters().add(next.name).add_bytes(next.sql),
      migration_patience
  );
  session.execute("COMMIT", migration_patience);
}

} // namespace

std::vector<std::string> migrate(pg::connection& session) {
  session.execute("SELECT pg_advisory_lock(7355608)", as_long_as_it_takes); // another one may be at it
  session.run_script(
      "CREATE TABLE IF NOT EXISTS schema_migrations ("
      " name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT "
      "clock_timestamp());"
      "GRANT SELECT ON schema_migrations TO PUBLIC",
      migration_patience
  );
  const auto there = applied(session);
  if (const auto why = difference(session, there); !why.empty()) throw std::runtime_error(why);
  std::vector<std::string> done;
  for (const auto& next : migrations().subspan(there.size())) {
    apply(session, next);
    done.emplace_back(next.name);
  }
  session.execute("SELECT pg_advisory_unlock(7355608)", migration_patience);
  return done;
}

std::string schema_problem(pg::connection& session) {
  const auto there = applied(session);
  if (auto why = difference(session, there); !why.empty()) return why;
  if (there.size() < migrations().size())
    return "the database lacks migration " + std::string(migrations()[there.size()].name) +
           ": run `tessera migrate`";
  return {};
}

} // namespace tessera::persistence
