#include "persistence/stores/outbox_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

// What can be said of an event beside its payload: who is who, and what was bought. Absent is what there is
// not. What a round tells has one time: its entries say what came first, and what an entry did comes before
// what it left.
constexpr auto waiting_sql =
    "SELECT w.outbox_id, w.tenant_id, w.account_id, w.kind, w.created_at, w.seq,"
    " ARRAY(SELECT f.key FROM jsonb_each_text(w.facts) AS f ORDER BY f.key),"
    " ARRAY(SELECT f.value FROM jsonb_each_text(w.facts) AS f ORDER BY f.key)"
    " FROM (SELECT o.outbox_id, o.tenant_id, o.account_id, o.kind, o.created_at,"
    "  (o.payload->>'seq')::bigint AS seq,"
    "  CASE o.kind WHEN 'credits.low' THEN 1 WHEN 'credits.depleted' THEN 2 ELSE 0 END AS place,"
    "  o.payload || jsonb_strip_nulls(jsonb_build_object("
    "   'organizationName', coalesce(nullif(t.branding->>'displayName', ''), t.name),"
    "   'entityName', e.name,"
    "   'newBalance', o.payload->>'availableCredits',"
    "   'expiryDate', p.expiry_date::text, 'packageName', p.package_name,"
    "   'amountMinor', p.amount_minor, 'currency', p.currency, 'origin', nullif(p.origin, ''),"
    "   'allocatedBy', coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.email, k.name,"
    "    o.payload->>'requestedBy'))) AS facts"
    "  FROM outbox o"
    "  LEFT JOIN tenants t ON t.tenant_id = o.tenant_id"
    "  LEFT JOIN entities e ON e.account_id = o.account_id"
    "  LEFT JOIN credit_purchases p ON p.purchase_id = o.payload->>'purchaseId' AND p.tenant_id = o.tenant_id"
    "  LEFT JOIN users u ON u.tenant_id = o.tenant_id AND u.user_id = o.payload->>'requestedBy'"
    "  LEFT JOIN api_keys k ON k.tenant_id = o.tenant_id AND k.key_id = o.payload->>'requestedBy'"
    "  WHERE o.expanded_at IS NULL"
    "  ORDER BY o.created_at, seq, place, o.outbox_id LIMIT $1 FOR UPDATE OF o) AS w"
    " ORDER BY w.created_at, w.seq, w.place, w.outbox_id";

// Each of these gives (user_id, email, language). $2 the tenant, $3 the account, $4 the user that is named.
#define TESSERA_ADMINS                                                                                       \
  "WITH RECURSIVE up AS ("                                                                                   \
  " SELECT account_id, parent_account, entity_type, 0 AS depth FROM entities WHERE account_id = $3"          \
  " UNION ALL SELECT e.account_id, e.parent_account, e.entity_type, up.depth + 1"                            \
  "  FROM up JOIN entities e ON e.account_id = up.parent_account),"                                          \
  " holders AS ("                                                                                            \
  " SELECT u.user_id, u.email, u.phone, u.language, up.depth FROM up"                                        \
  "  JOIN memberships m ON m.account_id = up.account_id"                                                     \
  "  JOIN users u ON u.tenant_id = m.tenant_id AND u.user_id = m.user_id"                                    \
  "  WHERE u.tenant_id = $2 AND u.status = 'active'"                                                         \
  "   AND (u.role >= 3 OR (u.role = 2 AND up.depth = 0 AND up.entity_type = 3))"                             \
  " UNION ALL SELECT u.user_id, u.email, u.phone, u.language, 1000 FROM users u"                             \
  "  WHERE u.tenant_id = $2 AND u.role = 4 AND u.status = 'active'),"                                        \
  " admins AS (SELECT DISTINCT user_id, email, phone, language FROM holders"                                 \
  "  WHERE depth = (SELECT min(depth) FROM holders))"

#define TESSERA_INSERT                                                                                       \
  " INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, user_id,"    \
  "  template, locale, variables, ref_type, ref_id, account_id, account_seq, priority, ref_generation)"      \
  " SELECT gen_random_uuid(), $2, $1, $5, $6, CASE $6 WHEN 'sms' THEN w.phone ELSE w.email END, w.user_id,"  \
  " $7, coalesce(w.language, ''),"                                                                           \
  "  jsonb_object($8::text[], $9::text[]), $10, $11, $3, $12, $13, $14"

/// Who has no number gets no SMS.
#define TESSERA_REACHED "($6 <> 'sms' OR w.phone <> '')"

/// Of a balance that goes up and down past a threshold nobody is written to without end: ten times an hour,
/// and not while something of the same waits (for the morning, for a server that is away): what is there by
/// then is what it says.
#define TESSERA_NOT_TOO_OFTEN                                                                                \
  "NOT ($5 IN ('credits.low', 'credits.depleted') AND EXISTS (SELECT FROM ("                                 \
  "  SELECT count(*) FILTER (WHERE n.created_at > clock_timestamp() - interval '1 hour') AS lately,"         \
  "   count(*) FILTER (WHERE n.status = 'queued' AND n.next_attempt_at > clock_timestamp()) AS waiting"      \
  "  FROM notifications n WHERE n.kind IN ('credits.low', 'credits.depleted') AND n.channel <> 'webhook'"    \
  "   AND n.account_id = $3 AND n.recipient = CASE $6 WHEN 'sms' THEN w.phone ELSE w.email END"              \
  "   AND n.kind = $5 AND n.channel = $6 AND n.created_at > clock_timestamp() - interval '1 day'"            \
  "   AND n.variables->>'threshold' IS NOT DISTINCT FROM jsonb_object($8::text[], $9::text[])->>'threshold'" \
  " ) AS said WHERE said.lately >= 10 OR said.waiting > 0))"

constexpr auto to_admins_sql = TESSERA_ADMINS TESSERA_INSERT
    " FROM admins w WHERE $4::text IS NOT NULL AND " TESSERA_REACHED " AND " TESSERA_NOT_TOO_OFTEN
    " ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING";
constexpr auto to_buyer_and_admins_sql = TESSERA_ADMINS TESSERA_INSERT
    " FROM (SELECT user_id, email, phone, language FROM admins"
    "  UNION SELECT user_id, email, phone, language FROM users"
    "  WHERE tenant_id = $2 AND user_id = $4 AND status = 'active') AS w WHERE " TESSERA_REACHED
    " ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING";
constexpr auto to_user_sql = TESSERA_INSERT
    " FROM users w WHERE w.tenant_id = $2 AND w.user_id = $4 AND w.status = 'active' AND " TESSERA_REACHED
    " ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING";

constexpr auto to_invitee_sql =
    TESSERA_INSERT " FROM (SELECT i.email, i.phone, NULL::text AS user_id, nullif(i.locale, '') AS language "
                   "FROM user_invitations i"
                   "  WHERE i.tenant_id = $2 AND i.invitation_id = $4) AS w WHERE " TESSERA_REACHED
                   " ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING";

constexpr auto to_approvers_sql =
    TESSERA_INSERT " FROM users w WHERE w.tenant_id = $2 AND w.role = 4 AND w.status = 'active'"
                   " AND w.user_id <> $4 ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING";

/// Of an invitation that waits for approval every admin of the tenant but who invited may say yes.
const char* insertion_for(audience to, const outbox_event& event) {
  if (to == audience::admins && event.kind == "invitation.approval_requested") return to_approvers_sql;
  switch (to) {
  case audience::buyer_and_admins: return to_buyer_and_admins_sql;
  case audience::admins: return to_admins_sql;
  case audience::account_holder:
  case audience::inviter:
  case audience::forgetful: return to_user_sql;
  case audience::invitee: return to_invitee_sql;
  case audience::nobody: break;
  }
  return to_admins_sql;
}

std::string fact(const outbox_event& event, const char* name) {
  const auto found = event.facts.find(name);
  return found == event.facts.end() ? std::string() : found->second;
}

/// Whom the event names.
std::string named_user(const outbox_event& event, audience to) {
  switch (to) {
  case audience::buyer_and_admins:
  case audience::admins: return fact(event, "requestedBy");
  case audience::invitee: return fact(event, "invitationId");
  case audience::inviter: return fact(event, "inviterId");
  case audience::account_holder:
  case audience::forgetful:
  case audience::nobody: break;
  }
  return fact(event, "userId");
}

} // namespace

bool take_outbox(pg::transaction& in) {
  return in.execute("SELECT pg_try_advisory_xact_lock(7385902617354)").boolean(0, 0);
}

std::vector<outbox_event> waiting_events(pg::transaction& in, int most) {
  const auto rows = in.execute(waiting_sql, pg::parameters().add(std::int64_t{most}));
  std::vector<outbox_event> events;
  for (int i = 0; i < rows.size(); ++i) {
    outbox_event event;
    event.id = rows.uuid_at(i, 0);
    event.tenant = rows.id<tenant_id>(i, 1);
    if (const auto account = rows.optional_uuid(i, 2)) event.account = account_id{*account};
    event.kind = rows.text(i, 3);
    event.created_at = rows.time(i, 4);
    event.seq = rows.optional_int8(i, 5);
    const auto names = rows.texts(i, 6);
    const auto values = rows.texts(i, 7);
    for (std::size_t k = 0; k < names.size() && k < values.size(); ++k)
      event.facts[names[k]] = values[k];
    events.push_back(std::move(event));
  }
  return events;
}

std::int64_t
notify(pg::transaction& in, const outbox_event& event, audience to, const new_notification& wanted) {
  pg::parameters values;
  values.add(event.id).add(event.tenant);
  values.add(event.account).add(named_user(event, to)).add(event.kind).add(to_string(wanted.channel));
  values.add(wanted.template_key);
  values.add_array(type::text, wanted.variables, [](const auto& v) -> std::string_view { return v.first; });
  values.add_array(type::text, wanted.variables, [](const auto& v) -> std::string_view { return v.second; });
  values.add(wanted.ref_type).add(wanted.ref_id).add(event.seq).add(wanted.priority);
  values.add(wanted.ref_generation);
  return in.execute(insertion_for(to, event), values).affected();
}

bool add_invitation_facts(pg::transaction& in, outbox_event& event) {
  const auto rows = in.execute(
      "SELECT i.invited_by, coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), ''), i.first_name,"
      " CASE i.role WHEN 4 THEN 'tenant_admin' WHEN 3 THEN 'organization_admin' WHEN 2 THEN "
      "'location_manager'"
      "  ELSE 'user' END, i.message, i.expiry_hours::text,"
      " coalesce(nullif(trim(i.first_name || ' ' || i.last_name), ''), i.email), i.status_reason"
      " FROM user_invitations i LEFT JOIN users u ON u.tenant_id = i.tenant_id AND u.user_id = i.invited_by"
      " WHERE i.tenant_id = $1 AND i.invitation_id = $2 AND i.erased_at IS NULL",
      pg::parameters().add(event.tenant).add(fact(event, "invitationId"))
  );
  if (rows.empty()) return false;
  int column = 0;
  for (const auto* name :
       {"inviterId", "inviterName", "firstName", "role", "message", "expiryHours", "invitee", "reason"})
    event.facts[name] = rows.text(0, column++);
  event.facts["requestedBy"] = event.facts["inviterId"];
  return true;
}

void finish_events(pg::transaction& in, const std::vector<uuid>& events) {
  in.execute(
      "UPDATE outbox SET expanded_at = clock_timestamp() WHERE outbox_id = ANY ($1)",
      pg::parameters().add_array(type::uuid, events, [](const uuid& id) { return id; })
  );
}

void forget_payload(pg::transaction& in, const uuid& event) {
  in.execute("UPDATE outbox SET payload = '{}' WHERE outbox_id = $1", pg::parameters().add(event));
}

} // namespace tessera::persistence
