#include "persistence/stores/key_store.hpp"

#include "persistence/stores/change_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// The columns that `key_at` reads.
#define TESSERA_KEY_COLUMNS                                                                                  \
  "k.key_id, k.name, k.scopes, k.bound_account, e.entity_type, e.entity_id, coalesce(k.application, ''), "   \
  "k.expires_at, k.last_used_at, k.created_at, k.version"
#define TESSERA_VISIBLE_KEYS                                                                                 \
  TESSERA_VISIBLE_ACCOUNTS "SELECT " TESSERA_KEY_COLUMNS                                                     \
                           " FROM api_keys k LEFT JOIN entities e ON e.account_id = k.bound_account"         \
                           " WHERE k.tenant_id = $1 AND k.revoked_at IS NULL"                                \
                           " AND ($4 OR k.bound_account IN (SELECT account_id FROM part))"

api_key_view key_at(const pg::rows& rows, int row) {
  api_key_view k;
  k.id = rows.text(row, 0);
  k.name = rows.text(row, 1);
  k.scopes = rows.texts(row, 2);
  if (const auto bound = rows.optional_uuid(row, 3)) {
    k.bound_to = account_id{*bound};
    k.bound_ref = {static_cast<entity_type>(rows.int2(row, 4)), rows.text(row, 5)};
  }
  k.application = rows.text(row, 6);
  k.expires_at = rows.optional_time(row, 7);
  k.last_used_at = rows.optional_time(row, 8);
  k.created_at = rows.time(row, 9);
  k.version = rows.int8(row, 10);
  return k;
}

} // namespace

std::optional<api_key_view> find_api_key(pg::transaction& in, const api_key_query& query) {
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part).add(query.id);
  const auto rows = in.execute(TESSERA_VISIBLE_KEYS " AND k.key_id = $5", values);
  return rows.empty() ? std::nullopt : std::optional(key_at(rows, 0));
}

api_key_page api_keys_of(pg::transaction& in, const list_api_keys& query) {
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part).add(query.after).add(std::int64_t{query.limit} + 1);
  const auto rows = in.execute(
      TESSERA_VISIBLE_KEYS " AND ($5 IS NULL OR k.key_id > $5) ORDER BY k.key_id LIMIT $6", values
  );
  api_key_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.keys.push_back(key_at(rows, i));
  return page;
}

void update_api_key(pg::transaction& in, const tenant_id& tenant, const api_key_view& key) {
  in.execute(
      "UPDATE api_keys SET name = $3, scopes = $4, expires_at = $5, version = version + 1"
      " WHERE tenant_id = $1 AND key_id = $2",
      pg::parameters()
          .add(tenant)
          .add(key.id)
          .add(key.name)
          .add_array(type::text, key.scopes, [](const std::string& s) -> std::string_view { return s; })
          .add(key.expires_at)
  );
}

void revoke_api_key(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  in.execute(
      "UPDATE api_keys SET revoked_at = clock_timestamp(), version = version + 1"
      " WHERE tenant_id = $1 AND key_id = $2",
      pg::parameters().add(tenant).add(id)
  );
}

void note_key_use(pg::transaction& in, const api_key_used& used) {
  in.execute(
      "UPDATE api_keys SET last_used_at = clock_timestamp() WHERE tenant_id = $1 AND key_id = $2"
      " AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')",
      pg::parameters().add(used.tenant).add(used.id)
  );
}

} // namespace tessera::persistence
