#include "persistence/stores/waiting_store.hpp"

namespace tessera::persistence {

recipients_night
night_of(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit) {
  const auto rows = session.execute(
      "SELECT coalesce(t.policies->'quietHours'->>'from', '21:00'),"
      " coalesce(t.policies->'quietHours'->>'to', '08:00'),"
      " coalesce((t.policies->'quietHours'->>'invitations')::boolean, false),"
      " (extract(epoch FROM (clock_timestamp() AT TIME ZONE coalesce(nullif(u.timezone, ''), "
      "t.timezone))::time)"
      "  / 60)::bigint,"
      " coalesce(extract(epoch FROM i.expires_at - clock_timestamp()) / 60, 1000000)::bigint"
      " FROM tenants t"
      " LEFT JOIN users u ON u.tenant_id = t.tenant_id AND u.user_id = nullif($2, '')"
      " LEFT JOIN user_invitations i ON i.tenant_id = t.tenant_id AND $3 = 'invitation' AND i.invitation_id "
      "= $4"
      " WHERE t.tenant_id = $1",
      pg::parameters().add(one.tenant).add(one.user).add(one.ref_type).add(one.ref_id),
      limit
  );
  recipients_night night;
  if (rows.empty()) return night;
  night.from = rows.text(0, 0);
  night.to = rows.text(0, 1);
  night.invitations_too = rows.boolean(0, 2);
  night.now = std::chrono::minutes(rows.int8(0, 3) % (24 * 60));
  night.good_for = std::chrono::minutes(rows.int8(0, 4));
  return night;
}

void put_off(
    pg::connection& session,
    const claimed_notification& one,
    std::chrono::minutes wait,
    std::chrono::milliseconds limit
) {
  session.execute(
      "UPDATE notifications SET status = 'queued', claimed_by = NULL, claimed_until = NULL,"
      " next_attempt_at = clock_timestamp() + $3 * interval '1 minute'"
      " WHERE notification_id = $1 AND claim = $2 AND status = 'claimed'",
      pg::parameters().add(one.id).add(one.claim).add(std::int64_t{wait.count()}),
      limit
  );
}

std::string provider_that_may_have_it(
    pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "SELECT coalesce(provider, '') FROM notifications"
      " WHERE notification_id = $1 AND last_error_class = 'ambiguous'",
      pg::parameters().add(one.id),
      limit
  );
  return rows.empty() ? std::string() : rows.text(0, 0);
}

} // namespace tessera::persistence
