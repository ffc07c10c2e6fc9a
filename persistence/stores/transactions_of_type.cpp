#include "persistence/stores/transactions_of_type.hpp"

#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/ledger_applications.hpp"
#include "persistence/stores/ledger_part.hpp"
#include "persistence/stores/transaction_bounds.hpp"

namespace tessera::persistence {

namespace {

// An entity's entries of one type and application are a *stream*: the index has them in order. A page is the
// merge of the streams, and only those with the latest heads can be in it: as many streams as the page has
// places.
//   $1, $2 the part; $3 applications ('': entity-level); $4, $5 booked within, both inclusive; $6 the type;
//   $7, $8 where the page before ended, or null; $9 places
// That the type is neither `spend` (4) nor `capture` (6) is said for the planner, which can't see it from a
// parameter.
#define OF_STREAM(ACCOUNT, APPLICATION, LEAST, MOST)                                                         \
  " FROM credit_entries e WHERE e.account_id = " ACCOUNT " AND e.application = " APPLICATION                 \
  " AND e.entry_type NOT IN (4, 6) AND e.entry_type = $6 AND e.seq > 0 AND e.booked_at BETWEEN " LEAST       \
  " AND " MOST

#define NEXT_OF_STREAM(WHAT, ACCOUNT, APPLICATION, LEAST, MOST, BEYOND, ORDER, COUNT)                        \
  "(SELECT " WHAT OF_STREAM(                                                                                 \
      ACCOUNT, APPLICATION, LEAST, MOST                                                                      \
  ) " AND ($7::timestamptz IS NULL OR (e.booked_at, e.account_id) " BEYOND " ($7, $8::uuid))"                \
    " ORDER BY e.booked_at " ORDER " LIMIT " COUNT ")"

#define PAGE(BEYOND, ORDER, FARTHEST, LIMIT_HEAD, LEAST, MOST)                                               \
  "WITH RECURSIVE " TESSERA_LEDGER_PART ", streams AS MATERIALIZED ("                                        \
  " SELECT p.account_id, p.entity_type, p.entity_id, a.application, h.booked_at AS head"                     \
  " FROM part p CROSS JOIN unnest($3) AS a (application) CROSS JOIN LATERAL " NEXT_OF_STREAM(                \
      "e.booked_at", "p.account_id", "a.application", "$4", "$5", BEYOND, ORDER, "1"                         \
  ) " AS h"                                                                                                  \
    " ORDER BY h.booked_at " ORDER ", p.account_id " ORDER " LIMIT $9),"                                     \
    " farthest AS MATERIALIZED ("                                                                            \
    " SELECT CASE WHEN count(*) = $9 THEN " FARTHEST "(head) ELSE " LIMIT_HEAD " END AS head FROM streams)"  \
    " SELECT " TESSERA_ENTRY_COLUMNS ", s.entity_type, s.entity_id"                                          \
    " FROM farthest f CROSS JOIN streams s CROSS JOIN LATERAL " NEXT_OF_STREAM(                              \
        "e.*", "s.account_id", "s.application", LEAST, MOST, BEYOND, ORDER, "$9"                             \
    ) " AS e"                                                                                                \
      " ORDER BY e.booked_at " ORDER ", e.account_id " ORDER " LIMIT $9"

constexpr const char* newest_of_type_sql = PAGE("<", "DESC", "min", "$4", "f.head", "$5");
constexpr const char* oldest_of_type_sql = PAGE(">", "ASC", "max", "$5", "$4", "f.head");
constexpr const char* newest_sql =
    "WITH RECURSIVE " TESSERA_LEDGER_PART
    " SELECT max(h.booked_at) FROM part p CROSS JOIN unnest($3) AS a (application) CROSS JOIN LATERAL "
    "(SELECT e.booked_at" OF_STREAM(
        "p.account_id", "a.application", "$4", "$5"
    ) " ORDER BY e.booked_at DESC LIMIT 1) AS h";
static_assert(static_cast<int>(entry_type::spend) == 4 && static_cast<int>(entry_type::capture) == 6);

pg::parameters part_parameters(const list_transactions& query, const booked_within& bounds) {
  pg::parameters values;
  add_applications(add_parts(values, query.of.parts), applications_of(query));
  values.add(bounds.least.value_or(earliest_time)).add(bounds.most.value_or(latest_time));
  values.add(static_cast<std::int16_t>(*query.type));
  return values;
}

transaction transaction_at(const pg::rows& rows, int row) {
  constexpr int entity_type_column = entry_columns;
  return {
      entry_at(rows, row),
      {static_cast<entity_type>(rows.int2(row, entity_type_column)), rows.text(row, entity_type_column + 1)}};
}

} // namespace

transaction_page transactions_of_type(pg::transaction& in, const list_transactions& query) {
  auto bounds = bounds_of(query);
  transaction_page page;
  page.newest = query.newest;
  if (query.oldest_first && !query.after) {
    page.newest = in.execute(newest_sql, part_parameters(query, bounds)).optional_time(0, 0);
    if (!page.newest) return page;
    bounds.most = page.newest;
  }
  auto values = part_parameters(query, bounds);
  if (query.after)
    values.add(query.after->booked_at).add(query.after->account);
  else
    values.add_null(pg::parameters::type::timestamptz).add_null(pg::parameters::type::uuid);
  values.add(std::int64_t{query.limit} + 1); // one more than asked for tells whether there is a next page
  const auto rows = in.execute(query.oldest_first ? oldest_of_type_sql : newest_of_type_sql, values);
  const int shown = std::min(rows.size(), query.limit);
  for (int i = 0; i < shown; ++i)
    page.transactions.push_back(transaction_at(rows, i));
  if (rows.size() > shown) {
    const auto& last = page.transactions.back().booked;
    page.next = ledger_position{last.booked_at, last.account};
  }
  return page;
}

} // namespace tessera::persistence
