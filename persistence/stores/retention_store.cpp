#include "persistence/stores/retention_store.hpp"

namespace tessera::persistence {

namespace {

constexpr const char* deletions[] = {
    "DELETE FROM notifications WHERE notification_id IN (SELECT notification_id FROM notifications"
    " WHERE status NOT IN ('queued', 'claimed') AND created_at < clock_timestamp() - $1 * interval '1 hour'"
    " ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
    "DELETE FROM outbox WHERE outbox_id IN (SELECT o.outbox_id FROM outbox o"
    " WHERE o.expanded_at IS NOT NULL AND o.created_at < clock_timestamp() - $1 * interval '1 hour'"
    "  AND NOT EXISTS (SELECT FROM notifications n WHERE n.outbox_id = o.outbox_id)"
    " ORDER BY o.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
    "DELETE FROM account_tokens WHERE token_id IN (SELECT token_id FROM account_tokens"
    " WHERE expires_at < clock_timestamp() - $1 * interval '1 hour'"
    " ORDER BY expires_at LIMIT $2)",
};

} // namespace

std::int64_t delete_what_is_over(
    pg::connection& session, std::chrono::hours keep, int portion, std::chrono::milliseconds limit
) {
  std::int64_t deleted = 0;
  for (const auto* sql : deletions)
    deleted +=
        session
            .execute(sql, pg::parameters().add(std::int64_t{keep.count()}).add(std::int64_t{portion}), limit)
            .affected();
  return deleted;
}

} // namespace tessera::persistence
