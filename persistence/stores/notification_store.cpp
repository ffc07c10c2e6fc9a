#include "persistence/stores/notification_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

constexpr auto claim_notifications_sql =
    "WITH due AS (SELECT notification_id FROM notifications"
    "  WHERE channel = $1 AND ((status = 'queued' AND next_attempt_at <= clock_timestamp())"
    "   OR (status = 'claimed' AND claimed_until <= clock_timestamp()))"
    "  ORDER BY priority, next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED),"
    " taken AS (UPDATE notifications n SET status = 'claimed', claim = n.claim + 1, claimed_by = $2,"
    "  claimed_until = clock_timestamp() + $4 * interval '1 second' FROM due"
    "  WHERE n.notification_id = due.notification_id RETURNING n.*)"
    " SELECT notification_id, tenant_id, claim, kind, recipient, coalesce(user_id, ''), template, locale,"
    "  ARRAY(SELECT f.key FROM jsonb_each_text(variables) AS f ORDER BY f.key),"
    "  ARRAY(SELECT f.value FROM jsonb_each_text(variables) AS f ORDER BY f.key),"
    "  ref_type, ref_id, ref_generation, attempts, created_at"
    " FROM taken ORDER BY priority, next_attempt_at, position";

claimed_notification claimed_at(const pg::rows& rows, int row) {
  claimed_notification one;
  one.id = rows.uuid_at(row, 0);
  one.tenant = rows.id<tenant_id>(row, 1);
  one.claim = rows.int8(row, 2);
  one.kind = rows.text(row, 3);
  one.recipient = rows.text(row, 4);
  one.user = rows.text(row, 5);
  one.template_key = rows.text(row, 6);
  one.locale = rows.text(row, 7);
  const auto names = rows.texts(row, 8);
  const auto values = rows.texts(row, 9);
  for (std::size_t k = 0; k < names.size() && k < values.size(); ++k)
    one.variables[names[k]] = values[k];
  one.ref_type = rows.text(row, 10);
  one.ref_id = rows.text(row, 11);
  one.ref_generation = rows.int8(row, 12);
  one.attempts = rows.int4(row, 13);
  one.created_at = rows.time(row, 14);
  return one;
}

// Each asks about $1 the tenant, $2 the user, $3 the recipient, $4 and $5 what it refers to, $6 the channel.
const char* question_of(still_wanted while_so) {
  switch (while_so) {
  case still_wanted::by_the_user:
    return "SELECT EXISTS (SELECT FROM users WHERE tenant_id = $1 AND user_id = $2"
           " AND CASE WHEN $6 = 'sms' THEN phone ELSE email END = $3"
           " AND status = 'active' AND $4::text IS NOT NULL)";
  case still_wanted::token:
    return "SELECT EXISTS (SELECT FROM account_tokens a JOIN users u USING (tenant_id, user_id)"
           " WHERE a.tenant_id = $1 AND a.user_id = $2 AND u.email = $3 AND u.email_key = a.email_key AND $6 "
           "= 'email'"
           "  AND u.status = 'active' AND a.token_id::text = $4 AND a.used_at IS NULL"
           "  AND a.expires_at > clock_timestamp())";
  case still_wanted::invitation:
    return "SELECT EXISTS (SELECT FROM user_invitations WHERE tenant_id = $1 AND invitation_id = $4 AND "
           "CASE WHEN $6 = 'sms' THEN phone ELSE email END = $3"
           " AND generation = $5 AND status = 'pending' AND expires_at > clock_timestamp())";
  case still_wanted::lot:
    return "SELECT EXISTS (SELECT FROM users WHERE tenant_id = $1 AND user_id = $2 AND email = $3"
           " AND status = 'active') AND EXISTS (SELECT FROM credit_lots l WHERE l.lot_id = $4::uuid"
           "  AND l.tenant_id = $1 AND NOT l.closed AND l.expires_at > clock_timestamp()"
           "  AND free_units_of(l.lot_id) > 0)";
  case still_wanted::always: return "SELECT true";
  }
  return "SELECT false";
}

} // namespace

std::vector<claimed_notification> claim_notifications(
    pg::connection& session,
    notification_channel channel,
    const std::string& node_name,
    int most,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      claim_notifications_sql,
      pg::parameters()
          .add(to_string(channel))
          .add(node_name)
          .add(std::int64_t{most})
          .add(std::int64_t{lease.count()}),
      limit
  );
  std::vector<claimed_notification> taken;
  for (int i = 0; i < rows.size(); ++i)
    taken.push_back(claimed_at(rows, i));
  return taken;
}

std::int64_t release_claims(
    pg::connection& session,
    notification_channel channel,
    const std::string& node_name,
    std::chrono::milliseconds limit
) {
  return session
      .execute(
          "UPDATE notifications SET claimed_until = clock_timestamp(), claim = claim + 1"
          " WHERE channel = $1 AND claimed_by = $2 AND status = 'claimed'",
          pg::parameters().add(to_string(channel)).add(node_name),
          limit
      )
      .affected();
}

readiness begin_attempt(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    still_wanted while_so,
    const digest& recipient_sha256,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
) {
  const auto wanted = session.execute(
      question_of(while_so),
      pg::parameters()
          .add(one.tenant)
          .add(one.user)
          .add(one.recipient)
          .add(one.ref_id)
          .add(one.ref_generation)
          .add(to_string(channel)),
      limit
  );
  if (!wanted.boolean(0, 0)) return readiness::unwanted;
  const auto suppressed = session.execute(
      "SELECT FROM suppressions WHERE tenant_id = $1 AND channel = $2 AND recipient_sha256 = $3"
      " AND (until IS NULL OR until > clock_timestamp())"
      // Somebody asked for it just now: what bounced once may work again, and there is no other way in.
      " AND NOT ($4 AND reason = 'bounce')",
      pg::parameters()
          .add(one.tenant)
          .add(to_string(channel))
          .add(recipient_sha256)
          .add(while_so == still_wanted::token),
      limit
  );
  if (!suppressed.empty()) return readiness::suppressed;
  const auto begun = session.execute(
      "UPDATE notifications SET attempts = attempts + 1,"
      " claimed_until = clock_timestamp() + $3 * interval '1 second'"
      " WHERE notification_id = $1 AND claim = $2 AND status = 'claimed'",
      pg::parameters().add(one.id).add(one.claim).add(std::int64_t{lease.count()}),
      limit
  );
  return begun.affected() == 1 ? readiness::ready : readiness::lost;
}

bool report(
    pg::connection& session,
    const claimed_notification& one,
    const delivery_report& told,
    std::chrono::milliseconds limit
) {
  const auto done = session.execute(
      "UPDATE notifications SET status = $3, claimed_by = NULL, claimed_until = NULL,"
      " next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond',"
      " provider = coalesce(nullif($5, ''), provider),"
      " provider_message_id = coalesce(nullif($6, ''), provider_message_id),"
      " last_error_class = nullif($7, ''), last_error = nullif($8, ''),"
      " sent_at = CASE WHEN $3 = 'sent' THEN clock_timestamp() ELSE sent_at END"
      " WHERE notification_id = $1 AND claim = $2 AND status = 'claimed'",
      pg::parameters()
          .add(one.id)
          .add(one.claim)
          .add(to_string(told.status))
          .add(std::int64_t{told.delay.count()})
          .add(told.provider)
          .add(told.outcome.provider_id)
          .add(to_string(told.outcome.failure))
          .add(std::string_view(told.outcome.detail).substr(0, 500)),
      limit
  );
  return done.affected() == 1;
}

void suppress_recipient(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    const digest& recipient_sha256,
    const std::string& masked,
    std::string_view reason,
    std::chrono::milliseconds limit
) {
  session.execute(
      "INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, "
      "reason)"
      " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)"
      // One that is over forbids nothing any more: it is as if there were none.
      " ON CONFLICT ON CONSTRAINT suppressions_one_each DO UPDATE SET reason = excluded.reason, until = NULL,"
      "  created_by = '', created_at = clock_timestamp() WHERE suppressions.until <= clock_timestamp()",
      pg::parameters().add(one.tenant).add(to_string(channel)).add(recipient_sha256).add(masked).add(reason),
      limit
  );
}

stationery find_stationery(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    const std::vector<std::string>& locales,
    std::chrono::milliseconds limit
) {
  pg::parameters values;
  values.add(one.tenant).add(one.template_key).add(to_string(channel));
  values.add_array(type::text, locales, [](const std::string& l) -> std::string_view { return l; });
  const auto rows = session.execute(
      "SELECT coalesce(w.subject, ''), coalesce(w.html, ''), coalesce(w.body, ''),"
      " coalesce(nullif(t.branding->>'fromName', ''), nullif(t.branding->>'displayName', ''), t.name),"
      " coalesce(nullif(t.branding->>'displayName', ''), t.name),"
      " coalesce(t.branding->>'logoUrl', ''), coalesce(t.branding->>'primaryColor', '')"
      " FROM tenants t LEFT JOIN LATERAL ("
      "  SELECT v.subject, v.html, v.body FROM ("
      "   SELECT DISTINCT ON (n.locale) n.* FROM notification_templates n"
      "    WHERE n.tenant_id = t.tenant_id AND n.template_key = $2 AND n.channel = $3 AND n.locale = ANY ($4)"
      "    ORDER BY n.locale, n.version DESC) AS v"
      "   WHERE NOT v.withdrawn ORDER BY array_position($4, v.locale) LIMIT 1) AS w ON true"
      " WHERE t.tenant_id = $1",
      values,
      limit
  );
  stationery found;
  if (rows.empty()) return found;
  found.subject = rows.text(0, 0);
  found.html = rows.text(0, 1);
  found.text = rows.text(0, 2);
  found.from_name = rows.text(0, 3);
  found.organization = rows.text(0, 4);
  found.look = {found.organization, rows.text(0, 5), rows.text(0, 6)};
  return found;
}

} // namespace tessera::persistence
