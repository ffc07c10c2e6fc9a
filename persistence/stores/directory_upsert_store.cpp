#include "persistence/stores/directory_upsert_store.hpp"

#include "persistence/stores/application_store.hpp"
#include "persistence/stores/change_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

pg::parameters columns_of(const tenant_id& tenant, const std::vector<entity_row>& rows) {
  pg::parameters values;
  values.add(tenant)
      .add_array(type::uuid, rows, [](const entity_row& e) { return e.account; })
      .add_array(type::int2, rows, [](const entity_row& e) { return static_cast<std::int16_t>(e.ref.type); })
      .add_array(type::text, rows, [](const entity_row& e) -> std::string_view { return e.ref.id; })
      .add_array(type::text, rows, [](const entity_row& e) -> std::string_view { return e.name; })
      .add_array(type::uuid, rows, [](const entity_row& e) { return e.parent; });
  return values;
}

pg::parameters columns_of(const tenant_id& tenant, const std::vector<wanted_application>& applications) {
  pg::parameters values;
  values.add(tenant)
      .add_array(type::text, applications, [](const auto& a) -> std::string_view { return a.id; })
      .add_array(type::text, applications, [](const auto& a) -> std::string_view { return a.name; });
  return values;
}

// On the first page of a directory: more than a tenant may make (actors/domain/directory_plan.hpp).
constexpr int most_applications = 10'000;

} // namespace

existing_directory whole_directory(pg::transaction& in, const tenant_id& tenant) {
  existing_directory there;
  const auto versions =
      in.execute("SELECT version FROM tenants WHERE tenant_id = $1", pg::parameters().add(tenant));
  if (!versions.empty()) there.version = versions.int8(0, 0);
  const auto entities = in.execute(
      "SELECT account_id, entity_type, entity_id, name, parent_account, status = 'deleted' FROM entities"
      " WHERE tenant_id = $1",
      pg::parameters().add(tenant)
  );
  for (int i = 0; i < entities.size(); ++i)
    there.entities.push_back(
        {entities.id<account_id>(i, 0),
         {static_cast<entity_type>(entities.int2(i, 1)), entities.text(i, 2)},
         entities.text(i, 3),
         account_id{entities.optional_uuid(i, 4).value_or(uuid{})},
         entities.boolean(i, 5)}
    );
  const auto applications = in.execute(
      "SELECT application_id, name, deleted_at IS NOT NULL FROM applications WHERE tenant_id = $1",
      pg::parameters().add(tenant)
  );
  for (int i = 0; i < applications.size(); ++i)
    there.applications.push_back(
        {applications.text(i, 0), applications.text(i, 1), applications.boolean(i, 2)}
    );
  return there;
}

directory_page directory_of(pg::transaction& in, const read_directory& query) {
  std::optional<std::int32_t> after_type;
  std::optional<std::string> after_id;
  if (query.after) {
    after_type = static_cast<std::int32_t>(query.after->type);
    after_id = query.after->id;
  }
  directory_page page;
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part).add(after_type).add(after_id).add(std::int64_t{query.limit} + 1);
  const auto rows = in.execute(
      TESSERA_VISIBLE_ACCOUNTS
      "SELECT e.account_id, e.entity_type, e.entity_id, e.name, p.entity_type, p.entity_id, e.created_at,"
      " e.version, t.version FROM tenants t"
      " LEFT JOIN entities e ON e.tenant_id = t.tenant_id AND e.entity_type > 1 AND e.status = 'active'"
      "  AND ($4 OR e.account_id IN (SELECT account_id FROM part))"
      "  AND ($5 IS NULL OR (e.entity_type, e.entity_id) > ($5, $6))"
      " LEFT JOIN entities p ON p.account_id = e.parent_account"
      " WHERE t.tenant_id = $1 ORDER BY e.entity_type, e.entity_id LIMIT $7",
      values
  );
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i) {
    page.version = rows.int8(i, 8);
    if (rows.is_null(i, 0)) continue; // a tenant without entities
    entity_view e;
    e.account = rows.id<account_id>(i, 0);
    e.ref = {static_cast<entity_type>(rows.int2(i, 1)), rows.text(i, 2)};
    e.name = rows.text(i, 3);
    e.parent = {static_cast<entity_type>(rows.int2(i, 4)), rows.text(i, 5)};
    e.created_at = rows.time(i, 6);
    e.version = rows.int8(i, 7);
    page.entities.push_back(std::move(e));
  }
  if (!query.after)
    page.applications =
        applications_of(in, {query.tenant, query.applications, most_applications, {}}).applications;
  return page;
}

void insert_entities(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::vector<entity_row>& rows,
    const std::vector<new_account>& accounts
) {
  if (rows.empty()) return;
  in.execute(
      "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name, parent_account)"
      " SELECT x.account, $1, x.kind, x.id, x.name, x.parent"
      " FROM unnest($2, $3, $4, $5, $6) AS x (account, kind, id, name, parent)",
      columns_of(tenant, rows)
  );
  pg::parameters values;
  values.add_array(type::uuid, accounts, [](const new_account& a) { return a.account; })
      .add(tenant)
      .add(accounts.front().opened_at)
      .add(accounts.front().writer)
      .add_array(type::bytea, accounts, [](const new_account& a) -> const digest& { return a.genesis_hash; });
  in.execute("SELECT journal_open_accounts($1, $2, $3, $4, $5)", values);
}

void update_entities(pg::transaction& in, const tenant_id& tenant, const std::vector<entity_row>& rows) {
  if (rows.empty()) return;
  in.execute(
      "UPDATE entities e SET name = x.name, parent_account = x.parent, version = e.version + 1"
      " FROM unnest($2, $3, $4, $5, $6) AS x (account, kind, id, name, parent)"
      " WHERE e.tenant_id = $1 AND e.account_id = x.account",
      columns_of(tenant, rows)
  );
}

void insert_applications(
    pg::transaction& in, const tenant_id& tenant, const std::vector<wanted_application>& applications
) {
  if (applications.empty()) return;
  in.execute(
      "INSERT INTO applications (tenant_id, application_id, name) SELECT $1, x.id, x.name"
      " FROM unnest($2, $3) AS x (id, name)",
      columns_of(tenant, applications)
  );
}

void rename_applications(
    pg::transaction& in, const tenant_id& tenant, const std::vector<wanted_application>& applications
) {
  if (applications.empty()) return;
  in.execute(
      "UPDATE applications a SET name = x.name, version = a.version + 1"
      " FROM unnest($2, $3) AS x (id, name) WHERE a.tenant_id = $1 AND a.application_id = x.id",
      columns_of(tenant, applications)
  );
}

} // namespace tessera::persistence
