#include "persistence/stores/current_facts_store.hpp"

namespace tessera::persistence {

// As those were found to whom it goes (outbox_store.cpp), but for how near they are.
bool administers(
    pg::connection& session, const claimed_notification& one, bool or_bought, std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "WITH RECURSIVE up AS ("
      " SELECT account_id, parent_account, entity_type, 0 AS depth FROM entities"
      "  WHERE account_id = (SELECT n.account_id FROM notifications n WHERE n.notification_id = $1)"
      " UNION ALL SELECT e.account_id, e.parent_account, e.entity_type, up.depth + 1"
      "  FROM up JOIN entities e ON e.account_id = up.parent_account)"
      " SELECT EXISTS (SELECT FROM users u WHERE u.tenant_id = $2 AND u.user_id = $3 AND u.status = 'active'"
      "  AND (u.role = 4 OR ($4 AND EXISTS (SELECT FROM notifications n JOIN outbox o USING (outbox_id)"
      "    WHERE n.notification_id = $1 AND o.payload->>'requestedBy' = u.user_id))"
      "   OR EXISTS (SELECT FROM up JOIN memberships m ON m.account_id = up.account_id"
      "   WHERE m.tenant_id = u.tenant_id AND m.user_id = u.user_id"
      "    AND (u.role = 3 OR (u.role = 2 AND up.depth = 0 AND up.entity_type = 3)))))",
      pg::parameters().add(one.id).add(one.tenant).add(one.user).add(or_bought),
      limit
  );
  return rows.boolean(0, 0);
}

credits free_now(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit) {
  const auto rows =
      session.execute("SELECT free_units_of($1::text::uuid)", pg::parameters().add(one.ref_id), limit);
  return credits{rows.optional_int8(0, 0).value_or(0)};
}

std::optional<credits>
available_since(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit) {
  const auto rows = session.execute(
      "SELECT e.available_after FROM notifications n JOIN outbox o USING (outbox_id) CROSS JOIN LATERAL ("
      "  SELECT t.available_after FROM credit_entries t WHERE t.account_id = n.account_id"
      "  ORDER BY t.seq DESC LIMIT 1) AS e"
      " WHERE n.notification_id = $1 AND o.created_at < clock_timestamp() - interval '1 minute'",
      pg::parameters().add(one.id),
      limit
  );
  if (rows.empty()) return std::nullopt;
  return credits{rows.int8(0, 0)};
}

} // namespace tessera::persistence
