#include "persistence/stores/validity_store.hpp"

namespace tessera::persistence {

namespace {

pg::rows rows_of(pg::transaction& in, const validity_query& query) {
  if (query.days)
    return in.execute(
        "SELECT d.day::text, end_of_local_day(d.day, t.timezone)"
        " FROM tenants t CROSS JOIN LATERAL (SELECT last_good_day(now(), $2, t.timezone) AS day) AS d"
        " WHERE t.tenant_id = $1",
        pg::parameters().add(query.tenant).add(std::int32_t{*query.days})
    );
  return in.execute(
      "SELECT (($2 - interval '1 microsecond') AT TIME ZONE timezone)::date::text, $2::timestamptz"
      " FROM tenants WHERE tenant_id = $1",
      pg::parameters().add(query.tenant).add(*query.ends_at)
  );
}

} // namespace

/// PostgreSQL knows the zones (R-C 3.9).
std::optional<validity> find_validity(pg::transaction& in, const validity_query& query) {
  const auto rows = rows_of(in, query);
  if (rows.empty()) return std::nullopt;
  return validity{rows.text(0, 0), rows.time(0, 1)};
}

} // namespace tessera::persistence
