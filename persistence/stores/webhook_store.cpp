#include "persistence/stores/webhook_store.hpp"

#include "persistence/stores/notification_store.hpp"
#include "persistence/stores/texts.hpp"

#include <algorithm>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

constexpr std::int64_t most_endpoints = 50; // of a tenant: each event may become as many deliveries

#define TESSERA_ENDPOINT_COLUMNS                                                                             \
  "endpoint_id, url, events, description, status = 'active', secret_generation::bigint, rotated_at, "        \
  "version,"                                                                                                 \
  " created_at, (SELECT p.paused_until FROM webhook_endpoint_pauses p"                                       \
  "  WHERE p.endpoint_id = webhook_endpoints.endpoint_id AND p.paused_until > clock_timestamp())"

#define TESSERA_IS_DUE                                                                                       \
  "((n.status = 'queued' AND n.next_attempt_at <= clock_timestamp())"                                        \
  " OR (n.status = 'claimed' AND n.claimed_until <= clock_timestamp()))"

// The first of each endpoint of which none is under way and that is not paused, those first that are due
// longest, of a tenant $4 at most with those under way; of endpoints in trouble $5, and $6 of a tenant: they
// keep no other waiting, however many they are. It steps from endpoint to endpoint and stops at the first.
// What waits behind something that was put off may be much: it is passed over without a search for each. The
// condition stands once more where rows are locked: another node may have claimed one meanwhile.
constexpr auto claim_sql =
    "WITH RECURSIVE waiting AS ("
    " (SELECT recipient FROM notifications WHERE channel = 'webhook' AND status IN ('queued', 'claimed')"
    "  ORDER BY recipient LIMIT 1)"
    " UNION ALL SELECT (SELECT n.recipient FROM notifications n WHERE n.channel = 'webhook'"
    "   AND n.status IN ('queued', 'claimed') AND n.recipient > w.recipient ORDER BY n.recipient LIMIT 1)"
    "  FROM waiting w WHERE w.recipient IS NOT NULL),"
    " busy AS MATERIALIZED (SELECT n.tenant_id, n.recipient, p.endpoint_id IS NOT NULL AS troubled"
    "  FROM notifications n LEFT JOIN webhook_endpoint_pauses p ON p.endpoint_id = n.recipient"
    "  WHERE n.channel = 'webhook' AND n.status = 'claimed' AND n.claimed_until > clock_timestamp()),"
    " put_off AS MATERIALIZED (SELECT recipient, account_id FROM notifications WHERE channel = 'webhook'"
    "  AND status = 'queued' AND next_attempt_at > statement_timestamp() AND account_id IS NOT NULL),"
    " heads AS (SELECT h.*, p.endpoint_id IS NOT NULL AS troubled, p.paused_until FROM waiting w"
    "  LEFT JOIN webhook_endpoint_pauses p ON p.endpoint_id = w.recipient CROSS JOIN LATERAL ("
    "   SELECT n.notification_id, n.tenant_id, n.next_attempt_at, n.position FROM notifications n"
    "    WHERE n.channel = 'webhook' AND n.recipient = w.recipient AND n.status IN ('queued', 'claimed')"
    "     AND " TESSERA_IS_DUE
    "     AND (n.account_id IS NULL OR (n.recipient, n.account_id) NOT IN (SELECT recipient, account_id FROM "
    "put_off))"
    "     AND NOT EXISTS (SELECT FROM notifications e WHERE e.channel = 'webhook'"
    "      AND e.recipient = n.recipient AND e.account_id = n.account_id AND e.position < n.position"
    "      AND e.status IN ('queued', 'claimed'))"
    "    ORDER BY n.next_attempt_at, n.position LIMIT 1) AS h"
    "  WHERE NOT EXISTS (SELECT FROM busy b WHERE b.recipient = w.recipient)"
    "   AND (p.paused_until IS NULL OR p.paused_until <= clock_timestamp())),"
    // Of the troubled ones of a tenant first, so that what is not taken takes nobody's place. They take
    // turns: what waits there was put in long ago where much waits, and that one would always go first.
    " few AS (SELECT h.* FROM (SELECT h.*,"
    "   row_number() OVER (PARTITION BY h.tenant_id, h.troubled"
    "    ORDER BY h.paused_until, h.next_attempt_at, h.position)"
    "   + (SELECT count(*) FROM busy b WHERE b.tenant_id = h.tenant_id AND b.troubled) AS place FROM heads "
    "h) "
    "AS h"
    "  WHERE NOT h.troubled OR h.place <= $6),"
    " fewer AS (SELECT h.notification_id, h.tenant_id, h.next_attempt_at, h.position FROM (SELECT h.*,"
    "   row_number() OVER (PARTITION BY h.troubled ORDER BY h.paused_until, h.next_attempt_at, h.position)"
    "   + (SELECT count(*) FROM busy b WHERE b.troubled) AS of_all FROM few h) AS h"
    "  WHERE NOT h.troubled OR h.of_all <= $5),"
    " ranked AS (SELECT h.*, row_number() OVER (PARTITION BY h.tenant_id ORDER BY h.next_attempt_at, "
    "h.position)"
    "   + (SELECT count(*) FROM busy b WHERE b.tenant_id = h.tenant_id) AS place FROM fewer h),"
    " first AS (SELECT notification_id FROM ranked WHERE place <= $4"
    "  ORDER BY next_attempt_at, position LIMIT $2),"
    " due AS (SELECT n.notification_id FROM notifications n JOIN first USING (notification_id)"
    "  WHERE " TESSERA_IS_DUE " FOR UPDATE OF n SKIP LOCKED)"
    " UPDATE notifications n SET status = 'claimed', claim = n.claim + 1, claimed_by = $1,"
    "  claimed_until = clock_timestamp() + $3 * interval '1 second' FROM due"
    " WHERE n.notification_id = due.notification_id"
    " RETURNING n.notification_id, n.tenant_id, n.claim, n.kind, n.recipient, n.attempts,"
    "  coalesce(n.requeued_at, n.created_at),"
    "  coalesce(n.variables->>'body', '')";

webhook_endpoint endpoint_at(const pg::rows& rows, int row) {
  webhook_endpoint one;
  one.id = rows.text(row, 0);
  one.url = rows.text(row, 1);
  one.events = rows.texts(row, 2);
  one.description = rows.text(row, 3);
  one.active = rows.boolean(row, 4);
  one.secret_generation = rows.int8(row, 5);
  one.rotated_at = rows.optional_time(row, 6);
  one.version = rows.int8(row, 7);
  one.created_at = rows.time(row, 8);
  one.paused_until = rows.optional_time(row, 9);
  return one;
}

/// What is there and may be changed, locked.
result<webhook_endpoint> locked(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const seen_versions& only_versions
) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENDPOINT_COLUMNS
      " FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2 FOR UPDATE",
      pg::parameters().add(tenant).add(id)
  );
  if (rows.empty()) return errc::webhook_endpoint_unknown;
  auto found = endpoint_at(rows, 0);
  if (only_versions &&
      std::find(only_versions->begin(), only_versions->end(), found.version) == only_versions->end())
    return errc::precondition_failed;
  return found;
}

} // namespace

webhook_endpoint_page webhook_endpoints_of(pg::transaction& in, const list_webhook_endpoints& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENDPOINT_COLUMNS " FROM webhook_endpoints WHERE tenant_id = $1"
      " AND ($2::text IS NULL OR endpoint_id > $2) ORDER BY endpoint_id LIMIT $3",
      pg::parameters().add(query.tenant).add(query.after).add(std::int64_t{query.limit} + 1)
  );
  webhook_endpoint_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.endpoints.push_back(endpoint_at(rows, i));
  return page;
}

result<webhook_endpoint> find_webhook_endpoint(pg::transaction& in, const webhook_endpoint_query& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENDPOINT_COLUMNS " FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2",
      pg::parameters().add(query.tenant).add(query.id)
  );
  if (rows.empty()) return errc::webhook_endpoint_unknown;
  return endpoint_at(rows, 0);
}

result<webhook_endpoint>
insert_webhook_endpoint(pg::transaction& in, const create_webhook_endpoint& command) {
  const auto count = in.execute(
      "SELECT count(*) FROM webhook_endpoints WHERE tenant_id = $1", pg::parameters().add(command.tenant)
  );
  if (count.int8(0, 0) >= most_endpoints) return errc::too_many_endpoints;
  pg::parameters values;
  values.add(command.tenant).add(command.endpoint.id).add(command.endpoint.url);
  add_text_array(values, command.endpoint.events).add(command.endpoint.description);
  const auto rows = in.execute(
      "INSERT INTO webhook_endpoints (tenant_id, endpoint_id, url, events, description)"
      " VALUES ($1, $2, $3, $4, $5) RETURNING " TESSERA_ENDPOINT_COLUMNS,
      values
  );
  return endpoint_at(rows, 0);
}

result<webhook_endpoint> update_webhook_endpoint(pg::transaction& in, const edit_webhook_endpoint& command) {
  auto there = locked(in, command.tenant, command.id, command.only_versions);
  if (!there) return there;
  pg::parameters values;
  values.add(command.tenant).add(command.id).add(command.url.value_or(there->url));
  add_text_array(values, command.events.value_or(there->events));
  values.add(command.description.value_or(there->description));
  values.add(command.active.value_or(there->active));
  end_pause(in, command.tenant, command.id);
  const auto rows = in.execute(
      "UPDATE webhook_endpoints SET url = $3, events = $4, description = $5,"
      " status = CASE WHEN $6 THEN 'active' ELSE 'disabled' END, version = version + 1"
      " WHERE tenant_id = $1 AND endpoint_id = $2 RETURNING " TESSERA_ENDPOINT_COLUMNS,
      values
  );
  return endpoint_at(rows, 0);
}

result<webhook_endpoint> rotate_secret(pg::transaction& in, const rotate_webhook_secret& command) {
  const auto rows = in.execute(
      "UPDATE webhook_endpoints SET secret_generation = secret_generation + 1, rotated_at = "
      "clock_timestamp(),"
      " version = version + 1 WHERE tenant_id = $1 AND endpoint_id = $2 RETURNING " TESSERA_ENDPOINT_COLUMNS,
      pg::parameters().add(command.tenant).add(command.id)
  );
  if (rows.empty()) return errc::webhook_endpoint_unknown;
  return endpoint_at(rows, 0);
}

result<webhook_endpoint_deleted>
remove_webhook_endpoint(pg::transaction& in, const delete_webhook_endpoint& command) {
  const auto there = locked(in, command.tenant, command.id, command.only_versions);
  if (!there) return there.why();
  in.execute(
      "DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2",
      pg::parameters().add(command.tenant).add(command.id)
  );
  return webhook_endpoint_deleted{command.id};
}

std::int64_t notify_webhooks(pg::transaction& in, const outbox_event& event) {
  return in
      .execute(
          "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
          "variables,"
          "  ref_type, ref_id, account_id, account_seq)"
          " SELECT gen_random_uuid(), w.tenant_id, o.outbox_id, o.kind, 'webhook', w.endpoint_id,"
          "  jsonb_build_object('body', jsonb_build_object('type', o.kind,"
          "   'timestamp', to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
          "   'data', o.payload)::text),"
          "  'event', o.outbox_id::text, o.account_id, (o.payload->>'seq')::bigint"
          " FROM outbox o JOIN webhook_endpoints w ON w.tenant_id = o.tenant_id"
          " WHERE o.outbox_id = $1 AND w.status = 'active' AND (o.kind = ANY (w.events) OR '*' = ANY "
          "(w.events))"
          " ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING",
          pg::parameters().add(event.id)
      )
      .affected();
}

std::vector<claimed_notification> claim_deliveries(
    pg::connection& session,
    const std::string& node_name,
    const delivery_room& room,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      claim_sql,
      pg::parameters()
          .add(node_name)
          .add(std::int64_t{room.most})
          .add(std::int64_t{lease.count()})
          .add(std::int64_t{room.of_a_tenant})
          .add(std::int64_t{room.troubled})
          .add(std::int64_t{room.troubled_of_a_tenant}),
      limit
  );
  std::vector<claimed_notification> taken;
  for (int i = 0; i < rows.size(); ++i) {
    claimed_notification one;
    one.id = rows.uuid_at(i, 0);
    one.tenant = rows.id<tenant_id>(i, 1);
    one.claim = rows.int8(i, 2);
    one.kind = rows.text(i, 3);
    one.recipient = rows.text(i, 4);
    one.attempts = rows.int4(i, 5);
    one.created_at = rows.time(i, 6);
    one.variables["body"] = rows.text(i, 7);
    taken.push_back(std::move(one));
  }
  return taken;
}

std::optional<webhook_delivery> begin_delivery(
    pg::connection& session,
    const claimed_notification& one,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "UPDATE notifications n SET attempts = n.attempts + 1,"
      "  claimed_until = clock_timestamp() + $4 * interval '1 second'"
      " FROM webhook_endpoints w WHERE n.notification_id = $1 AND n.claim = $2 AND n.status = 'claimed'"
      "  AND w.tenant_id = n.tenant_id AND w.endpoint_id = $3 AND w.status = 'active'"
      " RETURNING w.url, w.secret_generation::bigint,"
      "  w.rotated_at IS NOT NULL AND w.rotated_at > clock_timestamp() - interval '1 day',"
      "  EXISTS (SELECT FROM webhook_endpoint_pauses p WHERE p.endpoint_id = w.endpoint_id)",
      pg::parameters().add(one.id).add(one.claim).add(one.recipient).add(std::int64_t{lease.count()}),
      limit
  );
  if (rows.empty()) return std::nullopt;
  return webhook_delivery{one, rows.text(0, 0), rows.int8(0, 1), rows.boolean(0, 2), rows.boolean(0, 3)};
}

std::int64_t
note_trouble(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit) {
  const auto rows = session.execute(
      "INSERT INTO webhook_endpoint_pauses AS p (tenant_id, endpoint_id, troubles, paused_until)"
      " SELECT w.tenant_id, w.endpoint_id, 1, clock_timestamp() FROM webhook_endpoints w"
      "  WHERE w.tenant_id = $1 AND w.endpoint_id = $2"
      " ON CONFLICT (endpoint_id) DO UPDATE SET troubles = least(p.troubles + 1, 1000)"
      " RETURNING p.troubles::bigint",
      pg::parameters().add(one.tenant).add(one.recipient),
      limit
  );
  return rows.empty() ? 0 : rows.int8(0, 0);
}

void pause_endpoint(
    pg::connection& session,
    const claimed_notification& one,
    std::chrono::milliseconds pause,
    std::chrono::milliseconds limit
) {
  session.execute(
      "UPDATE webhook_endpoint_pauses"
      " SET paused_until = greatest(paused_until, clock_timestamp() + $2 * interval '1 millisecond')"
      " WHERE endpoint_id = $1",
      pg::parameters().add(one.recipient).add(std::int64_t{pause.count()}),
      limit
  );
}

std::int64_t give_up_waiting(
    pg::connection& session,
    const std::string& endpoint,
    std::chrono::hours age,
    std::chrono::milliseconds limit
) {
  return session
      .execute(
          "UPDATE notifications n SET status = 'dead', last_error_class = 'transient',"
          " last_error = coalesce(n.last_error, 'the endpoint was away for as long as it was to be tried')"
          " FROM (SELECT o.notification_id FROM notifications o WHERE o.channel = 'webhook' AND o.recipient "
          "= $1"
          "  AND o.status = 'queued'"
          "  AND coalesce(o.requeued_at, o.created_at) < statement_timestamp() - $2 * interval '1 hour'"
          "  ORDER BY coalesce(o.requeued_at, o.created_at) LIMIT $3 FOR UPDATE SKIP LOCKED) AS old WHERE "
          "n.notification_id = old.notification_id",
          pg::parameters().add(endpoint).add(std::int64_t{age.count()}).add(std::int64_t{most_given_up}),
          limit
      )
      .affected();
}

void end_troubles(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit) {
  session.execute(
      "DELETE FROM webhook_endpoint_pauses WHERE endpoint_id = $1", pg::parameters().add(one.recipient), limit
  );
}

void end_pause(pg::transaction& in, const tenant_id& tenant, const std::string& endpoint) {
  in.execute(
      "DELETE FROM webhook_endpoint_pauses WHERE tenant_id = $1 AND endpoint_id = $2",
      pg::parameters().add(tenant).add(endpoint)
  );
}

void note_answer(
    pg::connection& session, const claimed_notification& one, int http_status, std::chrono::milliseconds limit
) {
  session.execute(
      "UPDATE notifications SET http_status = $3 WHERE notification_id = $1 AND claim = $2",
      pg::parameters().add(one.id).add(one.claim).add(std::int32_t{http_status}),
      limit
  );
}

} // namespace tessera::persistence
