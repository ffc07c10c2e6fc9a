#include "persistence/stores/authority_store.hpp"

#include <string>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

void read_tenant(pg::transaction& in, const tenant_id& tenant, tenant_snapshot& into) {
  const auto rows = in.execute(
      "SELECT id, coalesce((policies->>'managesCredits')::boolean, false),"
      " coalesce((policies->>'peerOrgAdmins')::boolean, false),"
      " coalesce((policies->>'floatingUsers')::boolean, false),"
      " ARRAY(SELECT application_id FROM applications a WHERE a.tenant_id = t.tenant_id AND a.deleted_at IS "
      "NULL)"
      " FROM tenants t WHERE tenant_id = $1",
      pg::parameters().add(tenant)
  );
  into.tenant = tenant;
  if (rows.empty()) return;
  into.id = rows.text(0, 0);
  into.policies = {rows.boolean(0, 1), rows.boolean(0, 2), rows.boolean(0, 3)};
  for (auto& application : rows.texts(0, 4))
    into.applications.insert(std::move(application));
}

void read_user(pg::transaction& in, const std::string& id, tenant_snapshot& into) {
  const auto rows = in.execute(
      "SELECT role, ARRAY(SELECT application_id FROM user_applications a WHERE a.tenant_id = u.tenant_id"
      "  AND a.user_id = u.user_id) FROM users u WHERE tenant_id = $1 AND user_id = $2 AND status = 'active'",
      pg::parameters().add(into.tenant).add(id)
  );
  if (rows.empty()) return;
  directory_user user;
  user.id = id;
  user.role = static_cast<user_role>(rows.int2(0, 0));
  user.applications = rows.texts(0, 1);
  const auto at = in.execute(
      "SELECT m.account_id, m.entity_role FROM memberships m JOIN entities e USING (account_id)"
      " WHERE m.tenant_id = $1 AND m.user_id = $2 AND e.status = 'active'",
      pg::parameters().add(into.tenant).add(id)
  );
  for (int i = 0; i < at.size(); ++i)
    user.memberships.push_back({at.id<account_id>(i, 0), static_cast<entity_role>(at.int2(i, 1))});
  into.users.push_back(std::move(user));
}

void read_key(pg::transaction& in, const std::string& id, tenant_snapshot& into) {
  const auto rows = in.execute(
      "SELECT key_sha256, scopes, bound_account, coalesce(application, ''), expires_at FROM api_keys"
      " WHERE tenant_id = $1 AND key_id = $2 AND revoked_at IS NULL"
      " AND (expires_at IS NULL OR expires_at > clock_timestamp())",
      pg::parameters().add(into.tenant).add(id)
  );
  if (rows.empty()) return;
  api_key key;
  key.id = id;
  for (const auto& text : rows.texts(0, 1))
    if (const auto one = parse_scope(text))
      key.scopes = static_cast<std::uint16_t>(key.scopes | static_cast<std::uint16_t>(*one));
  if (const auto bound = rows.optional_uuid(0, 2)) key.bound_to = account_id{*bound};
  key.application = rows.text(0, 3);
  key.expires_at = rows.optional_time(0, 4);
  into.keys.emplace_back(rows.digest_at(0, 0), std::move(key));
}

void read_tree(pg::transaction& in, const std::vector<account_id>& entities, tenant_snapshot& into) {
  pg::parameters values;
  values.add(into.tenant).add_array(type::uuid, entities, [](const account_id& id) { return id; });
  const auto rows = in.execute(
      "WITH RECURSIVE up AS ("
      " SELECT account_id, entity_type, entity_id, parent_account FROM entities"
      "  WHERE tenant_id = $1 AND status = 'active' AND (account_id = ANY ($2) OR parent_account IS NULL)"
      " UNION SELECT e.account_id, e.entity_type, e.entity_id, e.parent_account"
      "  FROM entities e JOIN up ON e.account_id = up.parent_account WHERE e.tenant_id = $1"
      ") SELECT account_id, entity_type, entity_id, parent_account FROM up",
      values
  );
  std::vector<std::string> names;
  for (int i = 0; i < rows.size(); ++i)
    names.push_back(rows.text(i, 2));
  std::vector<entity_tree::row> found;
  for (int i = 0; i < rows.size(); ++i)
    found.push_back(
        {rows.id<account_id>(i, 0),
         static_cast<entity_type>(rows.int2(i, 1)),
         names[static_cast<std::size_t>(i)],
         account_id{rows.optional_uuid(i, 3).value_or(uuid{})}}
    );
  into.tree = entity_tree(found);
}

} // namespace

tenant_snapshot authority_rows(
    pg::transaction& in,
    const tenant_id& tenant,
    const principal& who,
    const std::vector<account_id>& entities
) {
  tenant_snapshot found;
  read_tenant(in, tenant, found);
  if (who.kind == principal_kind::user) read_user(in, who.id, found);
  if (who.kind == principal_kind::api_key) read_key(in, who.id, found);
  auto wanted = entities;
  for (const auto& user : found.users)
    for (const auto& each : user.memberships)
      wanted.push_back(each.entity);
  for (const auto& [hash, key] : found.keys)
    if (key.bound_to) wanted.push_back(*key.bound_to);
  read_tree(in, wanted, found);
  return found;
}

void keep_directory(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT FROM tenants WHERE tenant_id = $1 FOR SHARE", pg::parameters().add(tenant));
}

} // namespace tessera::persistence
