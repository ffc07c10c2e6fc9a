#include "persistence/stores/validity_store.hpp"

namespace tessera::persistence {

/// PostgreSQL knows the zones (R-C 3.9).
std::optional<validity> find_validity(pg::transaction& in, const validity_query& query) {
  const auto rows = in.execute(
      "SELECT d.day::text, end_of_local_day(d.day, t.timezone)"
      " FROM tenants t CROSS JOIN LATERAL (SELECT last_good_day(now(), $2, t.timezone) AS day) AS d"
      " WHERE t.tenant_id = $1",
      pg::parameters().add(query.tenant).add(std::int32_t{query.days})
  );
  if (rows.empty()) return std::nullopt;
  return validity{rows.text(0, 0), rows.time(0, 1)};
}

} // namespace tessera::persistence
