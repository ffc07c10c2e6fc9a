#include "persistence/stores/purchase_view_store.hpp"

#include "persistence/stores/tree_parts.hpp"

#include <algorithm>

namespace tessera::persistence {

namespace {

// `page` is a list of purchases; each comes once for every account that has or had units of it.
#define TESSERA_PURCHASES_WITH_UNITS                                                                         \
  ", in_transit AS (SELECT l.purchase_id, sum(l.credits)::bigint AS units"                                   \
  "  FROM credit_inbox w JOIN credit_inbox_lots l USING (inbox_id)"                                          \
  "  WHERE w.absorbed_seq IS NULL AND w.refused_code IS NULL"                                                \
  "   AND l.purchase_id IN (SELECT purchase_id FROM page) AND l.lot_kind <> 5 GROUP BY l.purchase_id)"       \
  " SELECT p.purchase_id, p.status, p.package_id, p.package_name, p.credits_purchased, p.amount_minor,"      \
  "  p.currency, p.payment_method, b.entity_type, b.entity_id, b.name, t.name,"                              \
  "  coalesce(p.expiry_date::text, ''), p.expires_at, coalesce(p.billing_address::text, ''),"                \
  "  coalesce(p.refused_code, ''), p.created_at, p.completed_at, p.absorbed_seq IS NOT NULL,"                \
  "  coalesce(w.units, 0), h.account_id = p.account_id, o.entity_type, o.entity_id, h.free, h.held,"         \
  "  h.expired, h.refunded, h.clawed, h.repaid, p.failure_code, p.failure_message, p.checkout_url, "         \
  "p.origin,"                                                                                                \
  "  coalesce(t.branding->>'displayName', ''), coalesce(t.branding->>'primaryColor', '')"                    \
  " FROM page p JOIN entities b ON b.account_id = p.account_id JOIN tenants t ON t.tenant_id = p.tenant_id"  \
  " LEFT JOIN in_transit w ON w.purchase_id = p.purchase_id"                                                 \
  " LEFT JOIN purchase_holders(ARRAY(SELECT purchase_id FROM page)) h ON h.purchase_id = p.purchase_id"      \
  " LEFT JOIN entities o ON o.account_id = h.account_id"                                                     \
  " ORDER BY p.created_at DESC, p.purchase_id DESC, o.entity_type, o.entity_id"

#define TESSERA_PURCHASE_PAGE                                                                                \
  "page AS (SELECT p.purchase_id, p.tenant_id, p.account_id, p.status, p.package_id, p.package_name,"        \
  " p.credits_purchased, p.amount_minor, p.currency, p.payment_method, p.expiry_date, p.expires_at,"         \
  " p.billing_address, i.refused_code, i.absorbed_seq, p.created_at, p.completed_at, p.failure_code,"        \
  " p.failure_message, p.checkout_url, p.origin"                                                             \
  " FROM credit_purchases p LEFT JOIN credit_inbox i ON i.inbox_id = p.inbox_id"

// $2 status, $3 from, $4 to, $5 and $6 the position, $7 how many.
#define TESSERA_PURCHASE_FILTERS                                                                             \
  " AND ($2 IS NULL OR p.status = $2)"                                                                       \
  " AND ($3 IS NULL OR p.created_at >= $3) AND ($4 IS NULL OR p.created_at < $4)"                            \
  " AND ($5 IS NULL OR (p.created_at, p.purchase_id) < ($5, $6))"                                            \
  " ORDER BY p.created_at DESC, p.purchase_id DESC LIMIT $7)"

constexpr const char* of_tenant_sql =
    "WITH " TESSERA_PURCHASE_PAGE
    " WHERE p.tenant_id = $1" TESSERA_PURCHASE_FILTERS TESSERA_PURCHASES_WITH_UNITS;

// $8, $9 the parts that buyers are in.
constexpr const char* of_buyers_sql =
    "WITH RECURSIVE buyers (account_id, below) AS ("
    "  SELECT r.account_id, r.account_id = ANY ($9) FROM unnest($8) AS r (account_id) UNION ALL"
    "  SELECT c.account_id, true FROM buyers b JOIN entities c ON c.parent_account = b.account_id"
    "   WHERE b.below), " TESSERA_PURCHASE_PAGE
    " WHERE p.tenant_id = $1 AND p.account_id IN (SELECT account_id FROM "
    "buyers)" TESSERA_PURCHASE_FILTERS TESSERA_PURCHASES_WITH_UNITS;

// $3, $4 the parts that the buyer must be in, or $5.
constexpr const char* one_sql =
    "WITH RECURSIVE above (account_id) AS (SELECT account_id FROM credit_purchases WHERE tenant_id = $1 AND "
    "purchase_id = $2"
    "  UNION ALL SELECT c.parent_account FROM above JOIN entities c USING (account_id) WHERE "
    "c.parent_account IS NOT NULL), " TESSERA_PURCHASE_PAGE
    " WHERE p.tenant_id = $1 AND p.purchase_id = $2 AND ($5 OR p.account_id = ANY ($3) OR EXISTS (SELECT 1 "
    "FROM above "
    "WHERE above.account_id = ANY ($4))))" TESSERA_PURCHASES_WITH_UNITS;

purchase_view purchase_at(const pg::rows& rows, int row) {
  purchase_view view;
  view.purchase_id = rows.text(row, 0);
  view.status = rows.text(row, 1);
  view.package_id = rows.text(row, 2);
  view.package_name = rows.text(row, 3);
  view.amount = credits{rows.int8(row, 4)};
  view.amount_minor = rows.int8(row, 5);
  view.currency = rows.text(row, 6);
  view.payment_method = rows.text(row, 7);
  view.entity = {static_cast<entity_type>(rows.int2(row, 8)), rows.text(row, 9)};
  view.entity_name = rows.text(row, 10);
  view.tenant_name = rows.text(row, 11);
  view.expiry_date = rows.text(row, 12);
  view.expires_at = rows.optional_time(row, 13);
  view.billing_address = rows.text(row, 14);
  view.refused_code = rows.text(row, 15);
  view.failure_code = rows.text(row, 29);
  view.failure_message = rows.text(row, 30);
  if (view.status == "pending") view.checkout_url = rows.text(row, 31);
  view.origin = rows.text(row, 32);
  view.seller_name = rows.text(row, 33);
  view.seller_color = rows.text(row, 34);
  view.created_at = rows.time(row, 16);
  view.completed_at = rows.optional_time(row, 17);
  view.units.in_transit = credits{rows.int8(row, 19)};
  return view;
}

void add_holder(purchase_units& units, const pg::rows& rows, int row) {
  if (rows.is_null(row, 20)) return;
  const credits free{rows.int8(row, 23)};
  const credits held{rows.int8(row, 24)};
  if (rows.boolean(row, 20)) {
    units.free = free;
    units.held = held;
  } else if (!(free + held).is_zero()) {
    const entity_ref holder{static_cast<entity_type>(rows.int2(row, 21)), rows.text(row, 22)};
    units.allocated.push_back({holder, free + held});
  }
  units.expired += credits{rows.int8(row, 25)};
  units.refunded += credits{rows.int8(row, 26)};
  units.clawed += credits{rows.int8(row, 27)};
  units.debt_repaid += credits{rows.int8(row, 28)};
}

/// What came in and is nowhere else was used (R-C 3.1). Spends are not counted one by one: there are too
/// many.
void close(purchase_units& units, credits bought) {
  auto left = bought - units.free - units.held - units.expired - units.refunded - units.clawed;
  left -= units.debt_repaid + units.in_transit;
  for (const auto& each : units.allocated)
    left -= each.units;
  units.used = std::max(credits{0}, left);
}

std::vector<purchase_view> purchases_in(const pg::rows& rows) {
  std::vector<purchase_view> all;
  for (int row = 0; row < rows.size();) {
    auto view = purchase_at(rows, row);
    const bool arrived = rows.boolean(row, 18);
    for (; row < rows.size() && rows.bytes(row, 0) == view.purchase_id; ++row)
      add_holder(view.units, rows, row);
    close(view.units, arrived ? view.amount : credits{0});
    all.push_back(std::move(view));
  }
  return all;
}

pg::parameters filters_of(const list_purchases& query) {
  pg::parameters values;
  values.add(query.tenant).add(query.status).add(query.from).add(query.to);
  values.add(query.after ? std::optional(query.after->created_at) : std::nullopt);
  values.add(query.after ? query.after->purchase_id : std::string());
  // One more than asked for tells whether there is a next page.
  values.add(std::int64_t{query.limit + 1});
  return values;
}

} // namespace

result<purchase_view> purchase_of(pg::transaction& in, const find_purchase& query) {
  pg::parameters values;
  values.add(query.tenant).add(query.purchase_id);
  add_parts(values, query.within.value_or(tree_parts{})).add(!query.within);
  const auto found = purchases_in(in.execute(one_sql, values));
  return found.empty() ? result<purchase_view>(errc::purchase_unknown) : found.front();
}

purchase_page purchases_of(pg::transaction& in, const list_purchases& query) {
  auto values = filters_of(query);
  if (query.buyers) add_parts(values, *query.buyers);
  purchase_page page;
  page.purchases = purchases_in(in.execute(query.buyers ? of_buyers_sql : of_tenant_sql, values));
  page.more = page.purchases.size() > static_cast<std::size_t>(query.limit);
  if (page.more) page.purchases.pop_back();
  return page;
}

} // namespace tessera::persistence
