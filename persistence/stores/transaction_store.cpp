#include "persistence/stores/transaction_store.hpp"

#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/ledger_part.hpp"

#include <algorithm>

namespace tessera::persistence {

namespace {

// An entity's entries of one application are a *stream*: one index has them in order. A page is the merge of
// the streams, and only those with the latest heads can be in it: as many streams as the page has places.
//   $1, $2 the part; $3 applications ('': entity-level); $4, $5 booked within, both inclusive;
//   $6, $7 where the page before ended, or null; $8 places; $9 the type, where one is asked for
// OF_TYPE picks the index: the planner does not see from a parameter that a type is not `spend`.
#define NEXT_OF_STREAM(WHAT, ACCOUNT, APPLICATION, LEAST, MOST, OF_TYPE, BEYOND, ORDER, COUNT)               \
  "(SELECT " WHAT " FROM credit_entries e"                                                                   \
  " WHERE e.account_id = " ACCOUNT " AND e.application = " APPLICATION " AND e.booked_at BETWEEN " LEAST     \
  " AND " MOST " AND e.seq > 0" OF_TYPE                                                                      \
  " AND ($6::timestamptz IS NULL OR (e.booked_at, e.account_id) " BEYOND " ($6, $7::uuid))"                  \
  " ORDER BY e.booked_at " ORDER " LIMIT " COUNT ")"

#define PAGE(OF_TYPE, BEYOND, ORDER, FARTHEST, LIMIT_HEAD, LEAST, MOST)                                      \
  "WITH RECURSIVE " TESSERA_LEDGER_PART ", streams AS MATERIALIZED ("                                        \
  " SELECT p.account_id, p.entity_type, p.entity_id, a.application, h.booked_at AS head"                     \
  " FROM part p CROSS JOIN unnest($3) AS a (application) CROSS JOIN LATERAL " NEXT_OF_STREAM(                \
      "e.booked_at", "p.account_id", "a.application", "$4", "$5", OF_TYPE, BEYOND, ORDER, "1"                \
  ) " AS h"                                                                                                  \
    " ORDER BY h.booked_at " ORDER ", p.account_id " ORDER " LIMIT $8),"                                     \
    " farthest AS MATERIALIZED ("                                                                            \
    " SELECT CASE WHEN count(*) = $8 THEN " FARTHEST "(head) ELSE " LIMIT_HEAD " END AS head FROM streams)"  \
    " SELECT " TESSERA_ENTRY_COLUMNS ", s.entity_type, s.entity_id"                                          \
    " FROM farthest f CROSS JOIN streams s CROSS JOIN LATERAL " NEXT_OF_STREAM(                              \
        "e.*", "s.account_id", "s.application", LEAST, MOST, OF_TYPE, BEYOND, ORDER, "$8"                    \
    ) " AS e"                                                                                                \
      " ORDER BY e.booked_at " ORDER ", e.account_id " ORDER " LIMIT $8"

#define NEWEST_FIRST(OF_TYPE) PAGE(OF_TYPE, "<", "DESC", "min", "$4", "f.head", "$5")
#define OLDEST_FIRST(OF_TYPE) PAGE(OF_TYPE, ">", "ASC", "max", "$5", "$4", "f.head")
#define NEWEST(OF_TYPE)                                                                                      \
  "WITH RECURSIVE " TESSERA_LEDGER_PART                                                                      \
  " SELECT max(h.booked_at) FROM part p CROSS JOIN unnest($3) AS a (application) CROSS JOIN LATERAL "        \
  "(SELECT e.booked_at FROM credit_entries e WHERE e.account_id = p.account_id"                              \
  " AND e.application = a.application AND e.booked_at BETWEEN $4 AND $5" OF_TYPE                             \
  " ORDER BY e.booked_at DESC LIMIT 1) AS h"

#define ANY_TYPE ""
#define SPENDS " AND e.entry_type = 4 AND e.entry_type = $9"
#define OTHERS " AND e.entry_type <> 4 AND e.entry_type = $9"

// [type][order]
constexpr const char* pages[3][2] = {
    {NEWEST_FIRST(ANY_TYPE), OLDEST_FIRST(ANY_TYPE)},
    {NEWEST_FIRST(SPENDS), OLDEST_FIRST(SPENDS)},
    {NEWEST_FIRST(OTHERS), OLDEST_FIRST(OTHERS)},
};
constexpr const char* newest_sql = NEWEST(ANY_TYPE);
static_assert(static_cast<int>(entry_type::spend) == 4);

int variant_of(const std::optional<entry_type>& type) {
  if (!type) return 0;
  return *type == entry_type::spend ? 1 : 2;
}

/// Which streams can hold entries of that type: a huge one that can't is not walked.
std::vector<std::string> applications_of(const list_transactions& query) {
  std::vector<std::string> names;
  if (!query.type || belongs_to_application(*query.type)) names.push_back(query.application);
  if (query.entity_level && (!query.type || !belongs_to_application(*query.type))) names.emplace_back();
  return names;
}

struct booked_within {
  time_point least;
  time_point most; // both inclusive
};

booked_within bounds_of(const list_transactions& query) {
  booked_within bounds{query.from.value_or(earliest_time), latest_time};
  if (query.to) bounds.most = *query.to - time_point::duration{1};
  if (query.newest) bounds.most = std::min(bounds.most, *query.newest);
  if (query.after && query.oldest_first) bounds.least = std::max(bounds.least, query.after->booked_at);
  if (query.after && !query.oldest_first) bounds.most = std::min(bounds.most, query.after->booked_at);
  return bounds;
}

pg::parameters part_parameters(
    const list_transactions& query, const std::vector<std::string>& applications, const booked_within& bounds
) {
  pg::parameters values;
  values.add(query.of.root).add(query.of.descendants);
  values.add_array(pg::parameters::type::text, applications, [](const std::string& name) {
    return std::string_view(name);
  });
  values.add(bounds.least).add(bounds.most);
  return values;
}

/// What is newer when the first page is read is not of these pages.
std::optional<time_point> newest_of(
    pg::transaction& in,
    const list_transactions& query,
    const std::vector<std::string>& applications,
    const booked_within& bounds
) {
  return in.execute(newest_sql, part_parameters(query, applications, bounds)).optional_time(0, 0);
}

transaction transaction_at(const pg::rows& rows, int row) {
  constexpr int entity_type_column = 27; // behind those of the entry
  return {
      entry_at(rows, row),
      {static_cast<entity_type>(rows.int2(row, entity_type_column)), rows.text(row, entity_type_column + 1)}};
}

} // namespace

transaction_page transactions_of(pg::transaction& in, const list_transactions& query) {
  const auto applications = applications_of(query);
  auto bounds = bounds_of(query);
  transaction_page page;
  page.newest = query.newest;
  if (query.oldest_first && !query.after) {
    page.newest = newest_of(in, query, applications, bounds);
    if (!page.newest) return page;
    bounds.most = *page.newest;
  }
  auto values = part_parameters(query, applications, bounds);
  if (query.after)
    values.add(query.after->booked_at).add(query.after->account);
  else
    values.add_null(pg::parameters::type::timestamptz).add_null(pg::parameters::type::uuid);
  values.add(std::int64_t{query.limit} + 1); // one more than asked for tells whether there is a next page
  if (query.type) values.add(static_cast<std::int16_t>(*query.type));
  const auto rows = in.execute(pages[variant_of(query.type)][query.oldest_first ? 1 : 0], values);
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
