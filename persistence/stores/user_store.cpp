#include "persistence/stores/user_store.hpp"

#include "persistence/stores/change_store.hpp"
#include "persistence/stores/texts.hpp"

#include <unordered_map>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// The columns that `user_at` reads.
#define TESSERA_USER_COLUMNS                                                                                 \
  "u.user_id, u.email, u.first_name, u.last_name, u.role, u.status = 'active', coalesce(u.timezone, ''), "   \
  "coalesce(u.language, ''), u.email_verified_at IS NOT NULL, u.created_at, u.version, "                     \
  "ARRAY(SELECT a.application_id FROM user_applications a WHERE a.tenant_id = u.tenant_id"                   \
  " AND a.user_id = u.user_id ORDER BY a.application_id)"
#define TESSERA_VISIBLE_USERS                                                                                \
  TESSERA_VISIBLE_ACCOUNTS "SELECT " TESSERA_USER_COLUMNS " FROM users u WHERE u.tenant_id = $1"             \
                           " AND ($4 OR EXISTS (SELECT FROM memberships m WHERE m.tenant_id = u.tenant_id"   \
                           " AND m.user_id = u.user_id AND m.account_id IN (SELECT account_id FROM part)))"

user_view user_at(const pg::rows& rows, int row) {
  user_view u;
  u.id = rows.text(row, 0);
  u.email = rows.text(row, 1);
  u.first_name = rows.text(row, 2);
  u.last_name = rows.text(row, 3);
  u.role = static_cast<user_role>(rows.int2(row, 4));
  u.active = rows.boolean(row, 5);
  u.timezone = rows.text(row, 6);
  u.language = rows.text(row, 7);
  u.email_verified = rows.boolean(row, 8);
  u.created_at = rows.time(row, 9);
  u.version = rows.int8(row, 10);
  u.applications = rows.texts(row, 11);
  return u;
}

void read_assignments(pg::transaction& in, const tenant_id& tenant, std::vector<user_view>& users) {
  std::unordered_map<std::string, user_view*> by_id;
  std::vector<std::string> ids;
  for (auto& user : users) {
    by_id.emplace(user.id, &user);
    ids.push_back(user.id);
  }
  pg::parameters values;
  add_text_array(values.add(tenant), ids);
  const auto rows = in.execute(
      "SELECT m.user_id, m.account_id, e.entity_type, e.entity_id, m.entity_role"
      " FROM memberships m JOIN entities e ON e.account_id = m.account_id"
      " WHERE m.tenant_id = $1 AND m.user_id = ANY ($2) ORDER BY m.user_id, e.entity_type, e.entity_id",
      values
  );
  for (int i = 0; i < rows.size(); ++i)
    by_id.at(rows.text(i, 0))
        ->assignments.push_back(
            {rows.id<account_id>(i, 1),
             {static_cast<entity_type>(rows.int2(i, 2)), rows.text(i, 3)},
             static_cast<entity_role>(rows.int2(i, 4))}
        );
}

/// What stays keeps the invitation that granted it.
void replace_assignments(pg::transaction& in, const tenant_id& tenant, const user_view& user) {
  pg::parameters values;
  values.add(tenant).add(user.id);
  values.add_array(type::uuid, user.assignments, [](const assignment& a) { return a.account; });
  auto kept = values;
  values.add_array(type::int2, user.assignments, [](const assignment& a) {
    return static_cast<std::int16_t>(a.role);
  });
  in.execute(
      "DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2 AND account_id <> ALL ($3)", kept
  );
  in.execute(
      "INSERT INTO memberships AS m (tenant_id, user_id, account_id, entity_role)"
      " SELECT $1, $2, x.account, x.role FROM unnest($3, $4) AS x (account, role)"
      " ON CONFLICT (tenant_id, user_id, account_id) DO UPDATE SET entity_role = excluded.entity_role"
      " WHERE m.entity_role <> excluded.entity_role",
      values
  );
}

void replace_applications(pg::transaction& in, const tenant_id& tenant, const user_view& user) {
  const auto values = [&] {
    pg::parameters p;
    add_text_array(p.add(tenant).add(user.id), user.applications);
    return p;
  };
  in.execute(
      "DELETE FROM user_applications WHERE tenant_id = $1 AND user_id = $2 AND application_id <> ALL ($3)",
      values()
  );
  in.execute(
      "INSERT INTO user_applications (tenant_id, user_id, application_id) SELECT $1, $2, unnest($3)"
      " ON CONFLICT DO NOTHING",
      values()
  );
}

} // namespace

errc create_user(pg::transaction& in, const tenant_id& tenant, const tessera::new_user& user) {
  const auto inserted = in.execute(
      "INSERT INTO users (tenant_id, user_id, email, email_key, first_name, last_name, role, password_hash)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, '')) ON CONFLICT DO NOTHING",
      pg::parameters()
          .add(tenant)
          .add(user.id)
          .add(user.email)
          .add(user.email_key)
          .add(user.first_name)
          .add(user.last_name)
          .add(static_cast<std::int16_t>(user.role))
          .add(user.password_hash)
  );
  return inserted.affected() == 1 ? errc::ok : errc::id_taken;
}

std::optional<user_view> find_user(pg::transaction& in, const user_query& query) {
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part).add(query.id);
  const auto rows = in.execute(TESSERA_VISIBLE_USERS " AND u.user_id = $5", values);
  if (rows.empty()) return std::nullopt;
  std::vector<user_view> found{user_at(rows, 0)};
  read_assignments(in, query.tenant, found);
  return std::move(found.front());
}

user_page users_of(pg::transaction& in, const list_users& query) {
  std::optional<std::int32_t> role;
  if (query.role) role = static_cast<std::int32_t>(*query.role);
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part)
      .add(role)
      .add(query.active)
      .add(query.after)
      .add(std::int64_t{query.limit} + 1);
  const auto rows = in.execute(
      TESSERA_VISIBLE_USERS " AND ($5 IS NULL OR u.role = $5) AND ($6 IS NULL OR (u.status = 'active') = $6)"
                            " AND ($7 IS NULL OR u.user_id > $7) ORDER BY u.user_id LIMIT $8",
      values
  );
  user_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.users.push_back(user_at(rows, i));
  read_assignments(in, query.tenant, page.users);
  return page;
}

void update_user(pg::transaction& in, const tenant_id& tenant, const user_view& user, bool ends_tokens) {
  in.execute(
      "UPDATE users SET role = $3, status = CASE WHEN $4 THEN 'active' ELSE 'disabled' END,"
      " tokens_from = CASE WHEN $5 THEN clock_timestamp() ELSE tokens_from END, version = version + 1"
      " WHERE tenant_id = $1 AND user_id = $2",
      pg::parameters()
          .add(tenant)
          .add(user.id)
          .add(static_cast<std::int16_t>(user.role))
          .add(user.active)
          .add(ends_tokens)
  );
  replace_assignments(in, tenant, user);
  replace_applications(in, tenant, user);
  // At once: what is taken away and given again later is not the invitation's any more (decision 0060).
  in.execute("SELECT forget_what_was_decided_since($1, $2)", pg::parameters().add(tenant).add(user.id));
  if (!user.active)
    in.execute(
        "UPDATE user_sessions SET ended_at = clock_timestamp()"
        " WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL",
        pg::parameters().add(tenant).add(user.id)
    );
}

void remove_user(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  const auto values = [&] { return pg::parameters().add(tenant).add(id); };
  in.execute("DELETE FROM users WHERE tenant_id = $1 AND user_id = $2", values());
  in.execute("DELETE FROM idempotency_answers WHERE tenant_id = $1 AND about_user = $2", values());
}

bool has_tenant_admin(pg::transaction& in, const tenant_id& tenant) {
  return in
      .execute(
          "SELECT EXISTS (SELECT FROM users WHERE tenant_id = $1 AND role = 4 AND status = 'active')",
          pg::parameters().add(tenant)
      )
      .boolean(0, 0);
}

std::int64_t count_seats(pg::transaction& in, const tenant_id& tenant) {
  return in
      .execute(
          "SELECT count(*) FROM users WHERE tenant_id = $1 AND status = 'active'",
          pg::parameters().add(tenant)
      )
      .int8(0, 0);
}

std::int64_t
count_applications(pg::transaction& in, const tenant_id& tenant, const std::vector<std::string>& ids) {
  pg::parameters values;
  add_text_array(values.add(tenant), ids);
  return in
      .execute(
          "SELECT count(*) FROM applications WHERE tenant_id = $1 AND application_id = ANY ($2) AND "
          "deleted_at IS NULL",
          values
      )
      .int8(0, 0);
}

std::int64_t
count_entities(pg::transaction& in, const tenant_id& tenant, const std::vector<account_id>& accounts) {
  return in
      .execute(
          "SELECT count(*) FROM entities WHERE tenant_id = $1 AND account_id = ANY ($2) AND status = "
          "'active'",
          pg::parameters().add(tenant).add_array(
              type::uuid, accounts, [](const account_id& id) { return id; }
          )
      )
      .int8(0, 0);
}

} // namespace tessera::persistence
