#include "persistence/stores/snapshot_store.hpp"

#include <algorithm>
#include <tuple>

namespace tessera::persistence {

namespace {

/// Reads one tenant, question by question, within the limit.
class tenant_reader {
public:
  tenant_reader(pg::connection& session, const tenant_id& tenant, std::chrono::milliseconds limit)
      : session_(session), tenant_(tenant), until_(std::chrono::steady_clock::now() + limit) {}

  pg::rows ask(const char* sql) const {
    const auto left = until_ - std::chrono::steady_clock::now();
    return session_.execute(
        sql, pg::parameters().add(tenant_), std::chrono::ceil<std::chrono::milliseconds>(left)
    );
  }

private:
  pg::connection& session_;
  const tenant_id& tenant_;
  std::chrono::steady_clock::time_point until_;
};

constexpr const char* head_sql =
    "SELECT id, timezone, version, policies @> '{\"managesCredits\": true}',"
    " policies @> '{\"peerOrgAdmins\": true}', policies @> '{\"floatingUsers\": true}'"
    " FROM tenants WHERE tenant_id = $1";
constexpr const char* entities_sql = "SELECT account_id, entity_type, entity_id, parent_account FROM entities"
                                     " WHERE tenant_id = $1 AND status = 'active'";
constexpr const char* applications_sql =
    "SELECT application_id FROM applications WHERE tenant_id = $1 AND deleted_at IS NULL";
constexpr const char* keys_sql =
    "SELECT key_id, key_sha256, scopes, bound_account, coalesce(application, ''), expires_at FROM api_keys"
    " WHERE tenant_id = $1 AND revoked_at IS NULL";
constexpr const char* users_sql =
    "SELECT user_id, role, tokens_from FROM users WHERE tenant_id = $1 AND status = 'active'";
constexpr const char* memberships_sql =
    "SELECT user_id, account_id, entity_role FROM memberships WHERE tenant_id = $1";
constexpr const char* user_applications_sql =
    "SELECT u.user_id, u.application_id FROM user_applications u"
    " JOIN applications a USING (tenant_id, application_id) WHERE u.tenant_id = $1 AND a.deleted_at IS NULL";
constexpr const char* identities_sql =
    "SELECT issuer, subject, user_id FROM user_identities WHERE tenant_id = $1";
constexpr const char* ended_sessions_sql = "SELECT session_id FROM user_sessions WHERE tenant_id = $1"
                                           " AND ended_at > statement_timestamp() - interval '1 hour'";
static_assert(sessions_remembered_for == std::chrono::hours{1});

entity_tree tree_in(const pg::rows& rows) {
  std::vector<entity_tree::row> entities;
  entities.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i)
    entities.push_back(
        {rows.id<account_id>(i, 0),
         static_cast<entity_type>(rows.int2(i, 1)),
         rows.bytes(i, 2),
         account_id{rows.optional_uuid(i, 3).value_or(uuid{})}}
    );
  return entity_tree(entities);
}

api_key known_key_at(const pg::rows& rows, int i) {
  api_key key;
  key.id = rows.text(i, 0);
  for (const auto& text : rows.texts(i, 2))
    if (const auto one = parse_scope(text))
      key.scopes = static_cast<std::uint16_t>(key.scopes | static_cast<std::uint16_t>(*one));
  if (const auto bound = rows.optional_uuid(i, 3)) key.bound_to = account_id{*bound};
  key.application = rows.text(i, 4);
  key.expires_at = rows.optional_time(i, 5);
  return key;
}

void read_keys(const pg::rows& rows, tenant_snapshot& into) {
  into.keys.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i)
    into.keys.emplace_back(rows.digest_at(i, 1), known_key_at(rows, i));
}

void read_users(const pg::rows& rows, tenant_snapshot& into) {
  for (int i = 0; i < rows.size(); ++i)
    into.users.push_back({rows.text(i, 0), static_cast<user_role>(rows.int2(i, 1)), {}, {}, rows.time(i, 2)});
  std::sort(into.users.begin(), into.users.end(), [](const directory_user& a, const directory_user& b) {
    return a.id < b.id;
  });
}

/// Null: disabled.
directory_user* user_at(tenant_snapshot& in, const pg::rows& rows, int i) {
  const auto* found = in.find_user(rows.bytes(i, 0));
  return found ? &in.users[static_cast<std::size_t>(found - in.users.data())] : nullptr;
}

void read_memberships(const pg::rows& rows, tenant_snapshot& into) {
  for (int i = 0; i < rows.size(); ++i)
    if (auto* user = user_at(into, rows, i))
      user->memberships.push_back({rows.id<account_id>(i, 1), static_cast<entity_role>(rows.int2(i, 2))});
}

void read_user_applications(const pg::rows& rows, tenant_snapshot& into) {
  for (int i = 0; i < rows.size(); ++i)
    if (auto* user = user_at(into, rows, i)) user->applications.push_back(rows.text(i, 1));
}

void read_identities(const pg::rows& rows, tenant_snapshot& into) {
  for (int i = 0; i < rows.size(); ++i)
    if (into.find_user(rows.bytes(i, 2)))
      into.identities.push_back({rows.text(i, 0), rows.text(i, 1), rows.text(i, 2)});
  std::sort(
      into.identities.begin(),
      into.identities.end(),
      [](const user_identity& a, const user_identity& b) {
        return std::tie(a.issuer, a.subject) < std::tie(b.issuer, b.subject);
      }
  );
}

void read_ended_sessions(const pg::rows& rows, tenant_snapshot& into) {
  for (int i = 0; i < rows.size(); ++i)
    into.ended_sessions.push_back(rows.uuid_at(i, 0));
  std::sort(into.ended_sessions.begin(), into.ended_sessions.end());
}

std::shared_ptr<const tenant_snapshot> read_tenant(const tenant_reader& from, const tenant_id& tenant) {
  const auto head = from.ask(head_sql);
  if (head.empty()) return nullptr;
  auto loaded = std::make_shared<tenant_snapshot>();
  loaded->tenant = tenant;
  loaded->id = head.text(0, 0);
  loaded->timezone = head.text(0, 1);
  loaded->version = static_cast<std::uint64_t>(head.int8(0, 2));
  loaded->policies = {head.boolean(0, 3), head.boolean(0, 4), head.boolean(0, 5)};
  loaded->tree = tree_in(from.ask(entities_sql));
  const auto applications = from.ask(applications_sql);
  for (int i = 0; i < applications.size(); ++i)
    loaded->applications.insert(applications.text(i, 0));
  read_keys(from.ask(keys_sql), *loaded);
  read_users(from.ask(users_sql), *loaded);
  read_memberships(from.ask(memberships_sql), *loaded);
  read_user_applications(from.ask(user_applications_sql), *loaded);
  read_identities(from.ask(identities_sql), *loaded);
  read_ended_sessions(from.ask(ended_sessions_sql), *loaded);
  return loaded;
}

} // namespace

std::shared_ptr<const tenant_snapshot>
load_tenant(pg::connection& session, const tenant_id& tenant, std::chrono::milliseconds limit) {
  // One snapshot of the database for all of it: who may, and where, belong together.
  session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", limit);
  try {
    auto loaded = read_tenant({session, tenant, limit}, tenant);
    session.execute("COMMIT", limit);
    return loaded;
  } catch (...) {
    session.close(); // and with it the transaction
    throw;
  }
}

} // namespace tessera::persistence
