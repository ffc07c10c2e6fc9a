#include "persistence/stores/allocation_store.hpp"

#include <unordered_map>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// The accounts that may be seen; an empty array for all, which the statement is told beside it.
pg::parameters& add_visible(pg::parameters& p, const visible_accounts& visible) {
  if (visible) return p.add_array(type::uuid, *visible, [](const account_id& id) { return id; });
  p.add_array(type::uuid, std::vector<account_id>{}, [](const account_id& id) { return id; });
  return p;
}

leg_status status_of(const pg::rows& rows, int row, int absorbed, int refused) {
  if (!rows.is_null(row, absorbed)) return leg_status::completed;
  return rows.is_null(row, refused) ? leg_status::pending : leg_status::returned;
}

// Ids rise with time. $1 tenant, $2 the last id of the page before, $3 whether all may be seen, $4 who may,
// $5 how many.
#define TESSERA_ALLOCATIONS                                                                                  \
  "SELECT DISTINCT allocation_id FROM credit_allocations"                                                    \
  " WHERE tenant_id = $1 AND ($2 = '' OR allocation_id < $2)"                                                \
  " AND ($3 OR from_account_id = ANY ($4) OR to_account_id = ANY ($4))"
#define TESSERA_NEWEST_FIRST " ORDER BY allocation_id DESC LIMIT $5"

constexpr const char* allocations_of_tenant_sql = TESSERA_ALLOCATIONS TESSERA_NEWEST_FIRST;

/// $6 the entity. What it sent and what it received, each by an index in this order: a page of an entity that
/// allocates seldom does not read what the others of its tenant did meanwhile.
constexpr const char* allocations_of_entity_sql =
    "(" TESSERA_ALLOCATIONS " AND from_account_id = $6" TESSERA_NEWEST_FIRST ") UNION "
    "(" TESSERA_ALLOCATIONS " AND to_account_id = $6" TESSERA_NEWEST_FIRST ")" TESSERA_NEWEST_FIRST;

/// Legs in the order of their allocations and numbers. $1 tenant, $2 ids, $3 whether all may be seen, $4 who
/// may.
constexpr const char* legs_sql =
    "SELECT a.allocation_id, a.from_entity_type, a.from_entity_id, a.allocated_at, o.available_after,"
    " a.to_account_id, a.to_entity_type, a.to_entity_id, a.credits_allocated, i.absorbed_seq, i.refused_code,"
    " CASE WHEN e.debt_after > 0 THEN repaid.available_after ELSE e.available_after END, a.inbox_id, a.kind"
    " FROM credit_allocations a"
    " JOIN credit_inbox i ON i.inbox_id = a.inbox_id"
    " JOIN credit_entries o ON o.account_id = a.from_account_id AND o.seq = a.from_seq"
    " LEFT JOIN credit_entries e ON e.account_id = a.to_account_id AND e.seq = ("
    // The arrival itself: an expiry may stand on either side of it, and what repays a debt behind it.
    "   SELECT max(t.seq) FROM credit_entries t WHERE t.account_id = a.to_account_id AND t.seq <= "
    "i.absorbed_seq"
    "    AND t.seq > i.absorbed_seq - 3 AND t.entry_type IN (9, 11, 13) AND t.reference = i.reference)"
    " LEFT JOIN credit_entries repaid ON repaid.account_id = a.to_account_id AND repaid.seq = i.absorbed_seq"
    " WHERE a.tenant_id = $1 AND a.allocation_id = ANY ($2)"
    " AND ($3 OR a.from_account_id = ANY ($4) OR a.to_account_id = ANY ($4))"
    " ORDER BY a.allocation_id DESC, a.leg";

/// $1 inbox rows: what each brought, with the receiver's lot where it has arrived.
constexpr const char* moved_lots_sql =
    "SELECT l.inbox_id, s.lot_id, l.root_lot_id, l.parent_lot_id, l.lot_kind, l.expires_at,"
    " coalesce(l.expiry_date::text, ''), l.purchase_id, l.credits"
    " FROM credit_inbox_lots l JOIN credit_inbox i ON i.inbox_id = l.inbox_id"
    " LEFT JOIN LATERAL (SELECT t.slices FROM credit_entries t WHERE t.account_id = i.account_id"
    "   AND t.seq <= i.absorbed_seq AND t.seq > i.absorbed_seq - 3 AND t.entry_type IN (9, 11, 13)"
    "   AND t.reference = i.reference ORDER BY t.seq DESC LIMIT 1) AS e ON true"
    " LEFT JOIN LATERAL (SELECT c.lot_id FROM credit_slices(e.slices) WITH ORDINALITY AS c (lot_id, units, "
    "place)"
    "   WHERE c.place = l.position + 1) AS s ON true"
    " WHERE l.inbox_id = ANY ($1) ORDER BY l.inbox_id, l.position";

moved_lot moved_lot_at(const pg::rows& rows, int row) {
  moved_lot l;
  if (const auto id = rows.optional_uuid(row, 1)) l.lot = lot_id{*id};
  l.root = rows.id<lot_id>(row, 2);
  if (const auto parent = rows.optional_uuid(row, 3)) l.parent = lot_id{*parent};
  l.kind = static_cast<lot_kind>(rows.int2(row, 4));
  l.expires_at = rows.optional_time(row, 5);
  l.expiry_date = rows.text(row, 6);
  l.purchase_id = rows.text(row, 7);
  l.amount = credits{rows.int8(row, 8)};
  return l;
}

allocated_leg leg_at(const pg::rows& rows, int row) {
  allocated_leg leg;
  leg.account = rows.id<account_id>(row, 5);
  leg.to = {static_cast<entity_type>(rows.int2(row, 6)), rows.text(row, 7)};
  leg.amount = credits{rows.int8(row, 8)};
  leg.status = status_of(rows, row, 9, 10);
  if (const auto balance = rows.optional_int8(row, 11)) leg.new_balance = credits{*balance};
  return leg;
}

/// In the order of their ids, the newest first.
std::vector<allocation> load(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::vector<std::string>& ids,
    const visible_accounts& visible
) {
  pg::parameters p;
  p.add(tenant).add_array(type::text, ids, [](const std::string& id) -> std::string_view { return id; });
  p.add(!visible);
  const auto rows = in.execute(legs_sql, add_visible(p, visible));
  std::vector<allocation> found;
  std::vector<inbox_id> carriers;
  std::unordered_map<inbox_id, std::pair<std::size_t, std::size_t>> places; // allocation, leg
  for (int i = 0; i < rows.size(); ++i) {
    if (found.empty() || found.back().id != rows.bytes(i, 0)) {
      found.push_back({});
      found.back().id = rows.text(i, 0);
      found.back().kind = static_cast<inbox_kind>(rows.int2(i, 13));
      found.back().from = {static_cast<entity_type>(rows.int2(i, 1)), rows.text(i, 2)};
      found.back().created_at = rows.time(i, 3);
    }
    auto& at = found.back();
    at.from_balance = credits{rows.int8(i, 4)};
    at.legs.push_back(leg_at(rows, i));
    carriers.push_back(rows.id<inbox_id>(i, 12));
    places[carriers.back()] = {found.size() - 1, at.legs.size() - 1};
  }
  const auto lots = in.execute(
      moved_lots_sql, pg::parameters().add_array(type::uuid, carriers, [](const inbox_id& id) { return id; })
  );
  for (int i = 0; i < lots.size(); ++i) {
    const auto [at, leg] = places.at(lots.id<inbox_id>(i, 0));
    found[at].legs[leg].lots.push_back(moved_lot_at(lots, i));
  }
  return found;
}

} // namespace

result<allocation> allocation_of(pg::transaction& in, const allocation_query& query) {
  auto id = query.id;
  if (query.first) {
    const auto rows = in.execute(
        "SELECT allocation_id FROM credit_allocations WHERE from_account_id = $1 AND from_seq = $2",
        pg::parameters().add(query.first->account).add(static_cast<std::int64_t>(query.first->seq))
    );
    if (rows.empty()) return errc::allocation_unknown;
    id = rows.text(0, 0);
  }
  auto found = load(in, query.tenant, {id}, query.visible);
  if (found.empty()) return errc::allocation_unknown;
  return std::move(found.front());
}

allocation_page allocations_of(pg::transaction& in, const list_allocations& query) {
  pg::parameters p;
  p.add(query.tenant).add(query.before).add(!query.visible);
  // One more than asked for tells whether there is a next page.
  add_visible(p, query.visible).add(std::int64_t{query.limit + 1});
  if (query.entity) p.add(query.entity->value);
  const auto rows = in.execute(query.entity ? allocations_of_entity_sql : allocations_of_tenant_sql, p);
  std::vector<std::string> ids;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    ids.push_back(rows.text(i, 0));
  return {load(in, query.tenant, ids, query.visible), rows.size() > query.limit};
}

} // namespace tessera::persistence
