#include "persistence/stores/usage_store.hpp"

#include "persistence/stores/ledger_applications.hpp"
#include "persistence/stores/ledger_part.hpp"

#include <algorithm>

namespace tessera::persistence {

namespace {

using namespace std::chrono_literals;

// Spends (4) and captures (6) use credits; a reversal takes use back, in the bucket of its original. It may
// be booked at any time after that, so reversals are sought by what they reverse (credit_reversals).
//   $1, $2 the part; $3 applications; $4, $5 booked within, both inclusive; $6, $7 the bucket's time within,
//   the latter exclusive; $8 by booked_at; $9 window or ''; $10 by application; $11 by entity; $12 by meter;
//   $13 how many buckets at most; $14 tenant
// Within an account time rises with seq, so the primary key has the range that was booked in that time.
// OFFSET 0 keeps the planner from joining all accounts' entries of the application with the part. Row-level
// security keeps it from probing an index with what a function makes of another row: hence `reversals` and
// `spans`.
#define ENTRIES_OF_PART(WHICH)                                                                               \
  " FROM spans p CROSS JOIN LATERAL (SELECT * FROM credit_entries x"                                         \
  " WHERE x.account_id = p.account_id AND x.application = ANY ($3) AND " WHICH " OFFSET 0) AS e"

constexpr const char* usage_sql =
    "WITH RECURSIVE " TESSERA_LEDGER_PART ", spans AS MATERIALIZED ("
    " SELECT p.account_id, last_seq_booked_by(p.account_id, $4 - interval '1 microsecond') AS before_it,"
    "  last_seq_booked_by(p.account_id, $5) AS most FROM part p"
    "), reversals AS MATERIALIZED ("
    " SELECT r.account_id, r.spent_seq, r.units"
    " FROM spans p CROSS JOIN LATERAL (SELECT * FROM credit_reversals x WHERE x.account_id = p.account_id"
    "  AND x.spent_seq > p.before_it AND x.spent_seq <= p.most OFFSET 0) AS r"
    "), facts AS ("
    " SELECT e.account_id, e.application, e.meter, e.entry_type, e.units,"
    "  CASE WHEN $8 THEN e.booked_at ELSE e.occurred_at END AS at"                        //
    ENTRIES_OF_PART("x.seq > p.before_it AND x.seq <= p.most AND x.entry_type IN (4, 6)") //
    " UNION ALL"
    " SELECT r.account_id, o.application, o.meter, 19::smallint, r.units,"
    "  CASE WHEN $8 THEN o.booked_at ELSE o.occurred_at END"
    " FROM reversals r CROSS JOIN LATERAL (SELECT * FROM credit_entries x WHERE x.account_id = r.account_id"
    "  AND x.seq = r.spent_seq AND x.application = ANY ($3) OFFSET 0) AS o"
    "), buckets AS ("
    " SELECT CASE WHEN $9 <> '' THEN date_trunc($9, f.at, CASE WHEN $9 IN ('day', 'month') THEN z.timezone "
    "ELSE"
    "   'UTC' END) END AS bucket,"
    "  CASE WHEN $10 THEN f.application ELSE '' END AS application,"
    "  CASE WHEN $11 THEN f.account_id END AS account_id,"
    "  CASE WHEN $12 THEN f.meter ELSE '' END AS meter,"
    "  coalesce(sum(f.units) FILTER (WHERE f.entry_type <> 19), 0)::text AS used,"
    "  coalesce(sum(f.units) FILTER (WHERE f.entry_type = 19), 0)::text AS reversed,"
    "  count(*) FILTER (WHERE f.entry_type <> 19) AS spends"
    " FROM facts f CROSS JOIN (SELECT t.timezone FROM tenants t WHERE t.tenant_id = $14) AS z"
    " WHERE f.at >= $6 AND f.at < $7 GROUP BY 1, 2, 3, 4)"
    " SELECT b.bucket, b.application, p.entity_type, p.entity_id, b.meter, b.used, b.reversed, b.spends"
    " FROM buckets b LEFT JOIN part p ON p.account_id = b.account_id"
    " ORDER BY 1, 2, 3, 4, 5 LIMIT $13";

// How far the two times of an entry may be apart (contract 4 `consume`), and an hour for clocks and queues.
constexpr auto before_it_happens = 5min + 1h;
constexpr auto after_it_happened = std::chrono::days{7} + 1h;

usage_bucket bucket_at(const usage_query& query, const pg::rows& rows, int row) {
  usage_bucket bucket;
  bucket.window = rows.optional_time(row, 0);
  bucket.application = rows.text(row, 1);
  if (query.by_entity)
    bucket.entity = entity_ref{static_cast<entity_type>(rows.int2(row, 2)), rows.text(row, 3)};
  bucket.meter = rows.text(row, 4);
  bucket.used = rows.text(row, 5);
  bucket.reversed = rows.text(row, 6);
  bucket.count = rows.int8(row, 7);
  return bucket;
}

} // namespace

usage_report usage_of(pg::transaction& in, const usage_query& query) {
  const auto from = std::max(query.from.value_or(earliest_time), earliest_time + after_it_happened);
  const auto to = std::min(query.to.value_or(latest_time), latest_time - after_it_happened);
  const auto window = query.window == usage_window::none ? std::string_view{} : to_string(query.window);
  pg::parameters values;
  add_applications(add_parts(values, query.of.parts), names_of(in, query.of.tenant, query.applications));
  const auto rows = in.execute(
      usage_sql,
      values.add(query.by_booked_at ? from : time_point{from - before_it_happens})
          .add(query.by_booked_at ? to : time_point{to + after_it_happened})
          .add(from)
          .add(to)
          .add(query.by_booked_at)
          .add(window)
          .add(query.by_application)
          .add(query.by_entity)
          .add(query.by_meter)
          .add(static_cast<std::int64_t>(query.most_buckets) + 1)
          .add(query.of.tenant)
  );
  usage_report report;
  report.too_many = rows.size() > static_cast<int>(query.most_buckets);
  for (int i = 0; !report.too_many && i < rows.size(); ++i)
    report.buckets.push_back(bucket_at(query, rows, i));
  return report;
}

} // namespace tessera::persistence
