#include "persistence/stores/application_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

application_view application_at(const pg::rows& rows, int row) {
  return {rows.text(row, 0), rows.text(row, 1), rows.time(row, 2), rows.int8(row, 3)};
}

} // namespace

std::int64_t count_all_applications(pg::transaction& in, const tenant_id& tenant) {
  return in
      .execute(
          "SELECT count(*) FROM applications WHERE tenant_id = $1 AND deleted_at IS NULL",
          pg::parameters().add(tenant)
      )
      .int8(0, 0);
}

std::optional<application_view> find_application(pg::transaction& in, const application_query& query) {
  const auto rows = in.execute(
      "SELECT application_id, name, created_at, version FROM applications"
      " WHERE tenant_id = $1 AND application_id = $2 AND deleted_at IS NULL",
      pg::parameters().add(query.tenant).add(query.id)
  );
  return rows.empty() ? std::nullopt : std::optional(application_at(rows, 0));
}

application_page applications_of(pg::transaction& in, const list_applications& query) {
  pg::parameters values;
  values.add(query.tenant)
      .add(!query.among)
      .add_array(
          type::text,
          query.among.value_or(std::vector<std::string>{}),
          [](const std::string& id) -> std::string_view { return id; }
      )
      .add(query.after)
      .add(std::int64_t{query.limit} + 1);
  const auto rows = in.execute(
      "SELECT application_id, name, created_at, version FROM applications"
      " WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 OR application_id = ANY ($3))"
      " AND ($4 IS NULL OR application_id > $4) ORDER BY application_id LIMIT $5",
      values
  );
  application_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.applications.push_back(application_at(rows, i));
  return page;
}

void update_application(pg::transaction& in, const tenant_id& tenant, const application_view& application) {
  in.execute(
      "UPDATE applications SET name = $3, version = version + 1 WHERE tenant_id = $1 AND application_id = $2",
      pg::parameters().add(tenant).add(application.id).add(application.name)
  );
}

void delete_application(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  const auto values = [&] { return pg::parameters().add(tenant).add(id); };
  in.execute(
      "UPDATE applications SET deleted_at = clock_timestamp(), version = version + 1"
      " WHERE tenant_id = $1 AND application_id = $2",
      values()
  );
  in.execute(
      "WITH gone AS (DELETE FROM user_applications WHERE tenant_id = $1 AND application_id = $2 RETURNING "
      "user_id)"
      " UPDATE users SET version = version + 1 WHERE tenant_id = $1 AND user_id IN (SELECT user_id FROM "
      "gone)",
      values()
  );
  in.execute(
      "UPDATE api_keys SET revoked_at = clock_timestamp(), version = version + 1"
      " WHERE tenant_id = $1 AND application = $2 AND revoked_at IS NULL",
      values()
  );
}

} // namespace tessera::persistence
