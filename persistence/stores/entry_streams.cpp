#include "persistence/stores/entry_streams.hpp"

#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/ledger_applications.hpp"
#include "persistence/stores/ledger_part.hpp"
#include "persistence/stores/transaction_bounds.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

// $1, $2 the part; $3, $4 booked within, both inclusive, null for no bound; $5 the account of the cursor, or
// null. OFFSET 0 keeps the functions out of the conditions below: row-level security would not let those use
// the index.
#define STREAMS(AFTER, UNTIL, FIRST, LAST, HEAD)                                                             \
  "WITH RECURSIVE " TESSERA_LEDGER_PART " SELECT p.account_id, p.entity_type, p.entity_id, " FIRST ", " LAST \
  ", " HEAD ", newest.booked_at FROM part p"                                                                 \
  " CROSS JOIN LATERAL (SELECT coalesce(last_seq_booked_by(p.account_id, " AFTER "), 0) + 1 AS least,"       \
  "  coalesce(last_seq_booked_by(p.account_id, " UNTIL "), 9223372036854775807) AS most OFFSET 0) AS b"      \
  " CROSS JOIN LATERAL (SELECT e.seq, e.booked_at FROM credit_entries e"                                     \
  "  WHERE e.account_id = p.account_id AND e.seq BETWEEN b.least AND b.most ORDER BY e.seq DESC LIMIT 1) "   \
  "AS newest"
#define EARLIER "- interval '1 microsecond'"

constexpr const char* newest_first_sql = STREAMS(
    "$3 " EARLIER,
    "$4 - CASE WHEN p.account_id >= $5 THEN interval '1 microsecond' ELSE '0' END",
    "newest.seq",
    "b.least",
    "newest.booked_at"
);
constexpr const char* oldest_first_sql = STREAMS(
    "$3 - CASE WHEN p.account_id <= $5 THEN interval '0' ELSE '1 microsecond' END",
    "$4",
    "oldest.seq",
    "newest.seq",
    "oldest.booked_at"
) " CROSS JOIN LATERAL (SELECT e.seq, e.booked_at FROM credit_entries e"
  "  WHERE e.account_id = p.account_id AND e.seq BETWEEN b.least AND b.most ORDER BY e.seq LIMIT 1) AS "
  "oldest";

// $1 accounts; $2, $3 the least and the greatest seq; $4 the seq at the end of the range; $5 applications
// ('': entity-level); $6 the type or null
constexpr const char* scan_sql =
    "SELECT " TESSERA_ENTRY_COLUMNS ", r.number, e.shown"
    " FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])"
    "  WITH ORDINALITY AS r (account_id, least, most, edge, number)"
    " CROSS JOIN LATERAL (SELECT * FROM ("
    "  SELECT x.*, x.application = ANY ($5) AND ($6::smallint IS NULL OR x.entry_type = $6) AS shown"
    "  FROM credit_entries x WHERE x.account_id = r.account_id AND x.seq BETWEEN r.least AND r.most OFFSET "
    "0) AS y"
    "  WHERE y.shown OR y.seq = r.edge) AS e";
constexpr int number_column = entry_columns;

} // namespace

entry_streams open_streams(pg::transaction& in, const list_transactions& query) {
  const auto bounds = bounds_of(query);
  pg::parameters values;
  add_parts(values, query.of.parts).add(bounds.least).add(bounds.most);
  values.add(query.after ? std::optional(query.after->account.value) : std::nullopt);
  const auto rows = in.execute(query.oldest_first ? oldest_first_sql : newest_first_sql, values);
  entry_streams all;
  for (int i = 0; i < rows.size(); ++i) {
    all.streams.push_back(
        {rows.id<account_id>(i, 0),
         {static_cast<entity_type>(rows.int2(i, 1)), rows.text(i, 2)},
         rows.int8(i, 3),
         rows.int8(i, 4),
         rows.time(i, 5)}
    );
    all.newest = std::max(all.newest.value_or(rows.time(i, 6)), rows.time(i, 6));
  }
  return all;
}

std::vector<streamed_entry>
scan(pg::transaction& in, const list_transactions& query, const std::vector<seq_range>& ranges) {
  pg::parameters values;
  values.add_array(type::uuid, ranges, [](const seq_range& r) { return r.account; });
  values.add_array(type::int8, ranges, [](const seq_range& r) { return std::min(r.first, r.last); });
  values.add_array(type::int8, ranges, [](const seq_range& r) { return std::max(r.first, r.last); });
  values.add_array(type::int8, ranges, [](const seq_range& r) { return r.last; });
  add_applications(values, applications_of(query));
  if (query.type)
    values.add(static_cast<std::int16_t>(*query.type));
  else
    values.add_null(type::int2);
  const auto rows = in.execute(scan_sql, values);
  std::vector<streamed_entry> found;
  found.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i)
    found.push_back(
        {static_cast<std::size_t>(rows.int8(i, number_column) - 1),
         entry_at(rows, i),
         rows.boolean(i, number_column + 1)}
    );
  return found;
}

} // namespace tessera::persistence
