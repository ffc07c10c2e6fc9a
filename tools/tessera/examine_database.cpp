// The database's part of `tessera doctor`.
#include "persistence/pg/connection.hpp"
#include "persistence/stores/migrator.hpp"
#include "tools/tessera/findings.hpp"
#include "tools/tessera/sessions.hpp"

#include <chrono>
#include <cstdlib>
#include <string>

namespace tessera::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto examination_limit = 10s;
constexpr int least_version = 150'000;
constexpr auto noticeable_offset = 1s;

std::string setting(pg::connection& session, const char* name) {
  return session.execute("SELECT current_setting($1)", pg::parameters().add(name), examination_limit)
      .text(0, 0);
}

void examine_server(pg::connection& session, findings& into) {
  const auto version = std::atoi(setting(session, "server_version_num").c_str());
  const auto text = setting(session, "server_version");
  into.expect(
      version >= least_version, "database.version", text, verdict::failed, text + ": 15 or newer is needed"
  );
  const bool replica = session.execute("SELECT pg_is_in_recovery()", examination_limit).boolean(0, 0);
  into.expect(
      !replica, "database.primary", "takes writes", verdict::failed, "a standby: it can't be written"
  );
  const auto fsync = setting(session, "fsync");
  into.expect(
      fsync == "on",
      "database.fsync",
      "on",
      verdict::failed,
      fsync + ": a crash may lose what was acknowledged"
  );
  const auto pages = setting(session, "full_page_writes");
  into.expect(
      pages == "on", "database.full_page_writes", "on", verdict::failed, pages + ": a crash may tear pages"
  );
  const auto commit = setting(session, "synchronous_commit");
  into.expect(
      commit == "on" || commit == "remote_apply",
      "database.synchronous_commit",
      commit,
      verdict::warning,
      commit + ": sessions that write the ledger set it to on, all others follow this"
  );
  const auto zones = session.execute("SELECT count(*) FROM pg_timezone_names", examination_limit).int8(0, 0);
  into.expect(
      zones > 1,
      "database.time_zones",
      std::to_string(zones) + " known",
      verdict::failed,
      "no time zone data: days of tenants can't be computed"
  );
}

void examine_connections(pg::connection& session, const config::settings& settings, findings& into) {
  const auto wanted = sessions_of(settings);
  const auto free = session
                        .execute(
                            "SELECT current_setting('max_connections')::bigint"
                            " - current_setting('superuser_reserved_connections')::bigint - count(*)"
                            " FROM pg_stat_activity WHERE backend_type = 'client backend'",
                            examination_limit
                        )
                        .int8(0, 0);
  into.expect(
      free >= wanted,
      "database.connections",
      std::to_string(free) + " free, a service needs " + std::to_string(wanted),
      verdict::warning,
      std::to_string(free) + " free, a service needs " + std::to_string(wanted) +
          " (unless it is running already)"
  );
}

bool examine_schema(pg::connection& session, findings& into) {
  const auto problem = persistence::schema_problem(session);
  into.expect(problem.empty(), "database.migrations", "all applied", verdict::failed, problem);
  return problem.empty();
}

void examine_roles(pg::connection& session, findings& into) {
  const auto rows = session.execute(
      "SELECT r.name, pg_has_role(session_user, r.name, 'MEMBER') FROM unnest(ARRAY['tessera_api', "
      "'tessera_writer'])"
      " AS r (name) JOIN pg_roles p ON p.rolname = r.name",
      examination_limit
  );
  into.expect(
      rows.size() == 2,
      "roles",
      "tessera_api and tessera_writer exist",
      verdict::failed,
      "run `tessera migrate`"
  );
  for (int i = 0; i < rows.size(); ++i)
    into.expect(
        rows.boolean(i, 1),
        "roles." + rows.text(i, 0),
        "this login may become it",
        verdict::failed,
        "this login may not become it: GRANT " + rows.text(i, 0) + " TO the login"
    );
  const bool mighty =
      session
          .execute(
              "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user", examination_limit
          )
          .boolean(0, 0);
  into.expect(
      !mighty,
      "roles.login",
      "has no right of its own",
      verdict::warning,
      "a superuser, or one that bypasses row-level security: let the service log in as tessera_service"
  );
}

void examine_privileges(pg::connection& session, findings& into) {
  const auto writable =
      session
          .execute(
              "SELECT coalesce(string_agg(r.name || ' may ' || p.name || ' on ' || t.name, ', '), '')"
              " FROM unnest(ARRAY['tessera_api', 'tessera_writer']) AS r (name),"
              "  unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (name),"
              "  unnest(ARRAY['credit_entries', 'credit_lots', 'credit_balances']) AS t (name)"
              " WHERE has_table_privilege(r.name, t.name, p.name)",
              examination_limit
          )
          .text(0, 0);
  into.expect(
      writable.empty(), "ledger.privileges", "only the journal functions write", verdict::failed, writable
  );
  const auto open = session
                        .execute(
                            "SELECT coalesce(string_agg(c.relname, ', '), '') FROM pg_class c"
                            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
                            "  AND NOT c.relrowsecurity AND EXISTS (SELECT FROM pg_attribute a"
                            "   WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)",
                            examination_limit
                        )
                        .text(0, 0);
  into.expect(
      open.empty(), "ledger.row_security", "on for every table of tenants", verdict::failed, "off for " + open
  );
  const auto guards =
      session
          .execute(
              "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'credit_entries'::regclass"
              " AND tgname IN ('credit_entries_are_immutable', 'credit_entries_are_not_truncated')"
              " AND tgenabled IN ('O', 'A')",
              examination_limit
          )
          .int8(0, 0);
  into.expect(
      guards == 2,
      "ledger.immutable",
      "entries can't be changed",
      verdict::failed,
      "a trigger of credit_entries is gone or off"
  );
  const auto makes = session
                         .execute(
                             "SELECT count(*) FROM pg_attribute WHERE attrelid = 'credit_entries'::regclass"
                             " AND attname = 'hold_seq' AND attgenerated = 's'",
                             examination_limit
                         )
                         .int8(0, 0);
  into.expect(
      makes == 1,
      "ledger.holds",
      "PostgreSQL says which hold an entry follows",
      verdict::failed,
      "credit_entries.hold_seq is not generated"
  );
}

void examine_clock(pg::connection& session, findings& into) {
  const auto asked = std::chrono::system_clock::now();
  const auto there = session.execute("SELECT clock_timestamp()", examination_limit).time(0, 0);
  const auto answered = std::chrono::system_clock::now();
  const auto here = asked + (answered - asked) / 2;
  const auto offset = std::chrono::duration_cast<std::chrono::milliseconds>(there - here);
  const auto text = std::to_string(offset.count()) + " ms between this host and the database";
  into.expect(
      abs(offset) < noticeable_offset,
      "clock",
      text,
      verdict::warning,
      text + ": the service follows the database's clock, logs follow this one"
  );
}

/// As the node itself, which may read what this login alone may not.
void examine_tenants(pg::connection& session, findings& into) {
  session.execute("SET ROLE tessera_writer", examination_limit);
  const auto lost =
      session
          .execute(
              "SELECT coalesce(string_agg(t.id || ' (' || t.timezone || ')', ', '), '') FROM tenants t"
              " WHERE NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = t.timezone)",
              examination_limit
          )
          .text(0, 0);
  into.expect(lost.empty(), "tenants.time_zones", "all known", verdict::failed, "unknown: " + lost);
  const auto leases = session.execute(
      "SELECT coalesce(n.node_name, ''), count(*), count(*) FILTER (WHERE s.lease_until > clock_timestamp())"
      " FROM shard s LEFT JOIN node n ON n.incarnation = s.owner GROUP BY 1 ORDER BY 2 DESC",
      examination_limit
  );
  std::string text;
  for (int i = 0; i < leases.size(); ++i)
    text += (text.empty() ? "" : "; ") + std::to_string(leases.int8(i, 1)) + " shards of " +
            (leases.text(i, 0).empty() ? std::string("nobody") : leases.text(i, 0)) + ", " +
            std::to_string(leases.int8(i, 2)) + " live";
  into.ok("cluster.leases", text);
}

} // namespace

void examine_database(const config::settings& settings, findings& into) {
  try {
    pg::connection session(
        {.url = settings.database.url.reveal(),
         .role = {},
         .application_name = "tessera-doctor",
         .settings = {}}
    );
    session.open();
    into.ok("database.connection", "answers");
    examine_server(session, into);
    examine_connections(session, settings, into);
    examine_clock(session, into);
    if (!examine_schema(session, into)) return;
    examine_roles(session, into);
    examine_privileges(session, into);
    examine_tenants(session, into);
  } catch (const pg::error& why) {
    std::string reason = why.what();
    while (!reason.empty() && reason.back() == '\n')
      reason.pop_back();
    into.fail("database.connection", reason);
  }
}

} // namespace tessera::cli
