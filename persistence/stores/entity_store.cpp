#include "persistence/stores/entity_store.hpp"

#include "persistence/stores/change_store.hpp"

#include <array>

namespace tessera::persistence {

namespace {

/// The columns that `entity_at` reads.
#define TESSERA_ENTITY_COLUMNS                                                                               \
  "e.account_id, e.entity_type, e.entity_id, e.name, coalesce(p.entity_type, 1::smallint), "                 \
  "coalesce(p.entity_id, ''), e.created_at, e.version"
#define TESSERA_ENTITIES "entities e LEFT JOIN entities p ON p.account_id = e.parent_account"

entity_view entity_at(const pg::rows& rows, int row) {
  entity_view e;
  e.account = rows.id<account_id>(row, 0);
  e.ref = {static_cast<entity_type>(rows.int2(row, 1)), rows.text(row, 2)};
  e.name = rows.text(row, 3);
  e.parent = {static_cast<entity_type>(rows.int2(row, 4)), rows.text(row, 5)};
  e.created_at = rows.time(row, 6);
  e.version = rows.int8(row, 7);
  return e;
}

} // namespace

std::int64_t count_all_entities(pg::transaction& in, const tenant_id& tenant) {
  return in
      .execute(
          "SELECT count(*) FROM entities WHERE tenant_id = $1 AND status = 'active'",
          pg::parameters().add(tenant)
      )
      .int8(0, 0);
}

std::optional<entity_view> find_entity(pg::transaction& in, const entity_query& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENTITY_COLUMNS " FROM " TESSERA_ENTITIES
      " WHERE e.tenant_id = $1 AND e.entity_type = $2 AND e.entity_id = $3 AND e.status = 'active'",
      pg::parameters().add(query.tenant).add(static_cast<std::int16_t>(query.ref.type)).add(query.ref.id)
  );
  return rows.empty() ? std::nullopt : std::optional(entity_at(rows, 0));
}

entity_page entities_of(pg::transaction& in, const list_entities& query) {
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part)
      .add(static_cast<std::int16_t>(query.type))
      .add(query.parent)
      .add(query.after)
      .add(std::int64_t{query.limit} + 1);
  const auto rows = in.execute(
      TESSERA_VISIBLE_ACCOUNTS "SELECT " TESSERA_ENTITY_COLUMNS " FROM " TESSERA_ENTITIES
                               " WHERE e.tenant_id = $1 AND e.entity_type = $5 AND e.status = 'active'"
                               " AND ($4 OR e.account_id IN (SELECT account_id FROM part))"
                               " AND ($6 IS NULL OR e.parent_account = $6)"
                               " AND ($7 IS NULL OR e.entity_id > $7)"
                               " ORDER BY e.entity_id LIMIT $8",
      values
  );
  entity_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.entities.push_back(entity_at(rows, i));
  return page;
}

std::vector<account_id>
path_to_root(pg::transaction& in, const tenant_id& tenant, const account_id& account) {
  const auto rows = in.execute(
      "WITH RECURSIVE up AS ("
      " SELECT account_id, parent_account FROM entities WHERE tenant_id = $1 AND account_id = $2"
      " UNION ALL SELECT e.account_id, e.parent_account FROM entities e JOIN up ON e.account_id = "
      "up.parent_account) SELECT account_id FROM up",
      pg::parameters().add(tenant).add(account)
  );
  std::vector<account_id> path;
  for (int i = 0; i < rows.size(); ++i)
    path.push_back(rows.id<account_id>(i, 0));
  return path;
}

void update_entity(
    pg::transaction& in, const tenant_id& tenant, const entity_view& entity, const account_id& parent
) {
  in.execute(
      "UPDATE entities SET name = $3, parent_account = $4, version = version + 1"
      " WHERE tenant_id = $1 AND account_id = $2",
      pg::parameters().add(tenant).add(entity.account).add(entity.name).add(parent)
  );
}

errc why_not_deletable(
    pg::transaction& in, const tenant_id& tenant, const account_id& account, bool credits_may_go
) {
  // Whoever sends to it holds its row until what was sent can be seen, so the next statement sees all of it.
  in.execute(
      "SELECT FROM entities WHERE tenant_id = $1 AND account_id = $2 FOR UPDATE",
      pg::parameters().add(tenant).add(account)
  );
  // One statement, one snapshot: credits are in the balance or in an inbox, never in neither.
  const auto rows = in.execute(
      "SELECT EXISTS (SELECT FROM entities c WHERE c.parent_account = $2 AND c.status = 'active'),"
      " e.available_after > 0, e.reserved_after > 0,"
      " e.debt_after > 0"
      " OR EXISTS (SELECT FROM credit_inbox i WHERE i.account_id = $2 AND i.absorbed_seq IS NULL AND "
      "i.refused_code IS NULL)"
      " OR EXISTS (SELECT FROM credit_inbox i WHERE i.sender_account_id = $2 AND i.absorbed_seq IS NULL AND "
      "i.refused_code IS NULL)"
      " OR EXISTS (SELECT FROM credit_inbox i WHERE i.to_account_id = $2 AND i.absorbed_seq IS NULL AND "
      "i.refused_code IS NULL)"
      // Somebody may be paying for it. An invoice has no end of its own: what comes for one is given back.
      " OR EXISTS (SELECT FROM credit_purchases p WHERE p.tenant_id = $1 AND p.account_id = $2"
      "  AND ((p.status = 'pending' AND p.payment_method <> 'invoice')"
      "   OR (p.status = 'review' AND p.failure_code = 'fraud_review')))"
      " FROM credit_entries e WHERE e.tenant_id = $1 AND e.account_id = $2 ORDER BY e.seq DESC LIMIT 1",
      pg::parameters().add(tenant).add(account)
  );
  if (rows.empty()) return errc::entity_unknown;
  constexpr errc reasons[] = {
      errc::entity_has_children, errc::entity_has_credits, errc::entity_has_holds, errc::entity_has_pending};
  const auto order = credits_may_go ? std::array{0, 2, 3, 1} : std::array{0, 1, 2, 3};
  for (const auto i : order)
    if (rows.boolean(0, i)) return reasons[i];
  return errc::ok;
}

void delete_entity(pg::transaction& in, const tenant_id& tenant, const account_id& account) {
  const auto values = [&] { return pg::parameters().add(tenant).add(account); };
  in.execute(
      "UPDATE entities SET status = 'deleted', version = version + 1 WHERE tenant_id = $1 AND account_id = "
      "$2",
      values()
  );
  in.execute(
      "WITH gone AS (DELETE FROM memberships WHERE tenant_id = $1 AND account_id = $2 RETURNING user_id)"
      " UPDATE users SET version = version + 1 WHERE tenant_id = $1 AND user_id IN (SELECT user_id FROM "
      "gone)",
      values()
  );
  in.execute(
      "UPDATE api_keys SET revoked_at = clock_timestamp(), version = version + 1"
      " WHERE tenant_id = $1 AND bound_account = $2 AND revoked_at IS NULL",
      values()
  );
}

bool hold_entity(pg::transaction& in, const tenant_id& tenant, const account_id& account) {
  return !in.execute(
                "SELECT FROM entities WHERE tenant_id = $1 AND account_id = $2 AND status = 'active' FOR KEY "
                "SHARE",
                pg::parameters().add(tenant).add(account)
  )
              .empty();
}

} // namespace tessera::persistence
