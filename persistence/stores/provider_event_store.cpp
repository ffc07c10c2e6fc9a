#include "persistence/stores/provider_event_store.hpp"

namespace tessera::persistence {

bool keep_event(pg::transaction& in, const provider_event& event) {
  const auto kept = in.execute(
      "INSERT INTO provider_events (event_id, type, live, payload) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT DO NOTHING",
      pg::parameters().add(event.event_id).add(event.type).add(event.live).add(event.payload)
  );
  return kept.affected() == 1;
}

std::optional<waiting_event> find_waiting_event(pg::transaction& in, const std::string& event_id) {
  const auto rows = in.execute(
      "SELECT type, live, payload, attempts, extract(epoch FROM clock_timestamp() - received_at)::bigint"
      " FROM provider_events WHERE event_id = $1 AND state = 'waiting' FOR NO KEY UPDATE",
      pg::parameters().add(event_id)
  );
  if (rows.empty()) return std::nullopt;
  return waiting_event{
      {event_id, rows.text(0, 0), rows.text(0, 2), rows.boolean(0, 1)},
      rows.int4(0, 3),
      std::chrono::seconds(rows.int8(0, 4))};
}

std::vector<std::string>
claim_events(pg::transaction& in, std::int64_t most, std::chrono::milliseconds again) {
  const auto rows = in.execute(
      "UPDATE provider_events SET next_attempt_at = clock_timestamp() + $2 * interval '1 ms'"
      " WHERE event_id IN (SELECT event_id FROM provider_events WHERE state = 'waiting'"
      "  AND next_attempt_at <= clock_timestamp() ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)"
      " RETURNING event_id",
      pg::parameters().add(most).add(std::int64_t{again.count()})
  );
  std::vector<std::string> events;
  for (int i = 0; i < rows.size(); ++i)
    events.push_back(rows.text(i, 0));
  return events;
}

void give_event(
    pg::transaction& in, const std::string& event_id, const tenant_id& tenant, const std::string& purchase_id
) {
  in.execute(
      "UPDATE provider_events SET tenant_id = $2, purchase_id = $3 WHERE event_id = $1",
      pg::parameters().add(event_id).add(tenant).add(purchase_id)
  );
}

void put_event_off(pg::transaction& in, const std::string& event_id, std::chrono::milliseconds time) {
  in.execute(
      "UPDATE provider_events SET attempts = attempts + 1,"
      " next_attempt_at = clock_timestamp() + $2 * interval '1 ms' WHERE event_id = $1 AND state = 'waiting'",
      pg::parameters().add(event_id).add(std::int64_t{time.count()})
  );
}

void finish_event(
    pg::transaction& in, const std::string& event_id, std::string_view state, std::string_view reason
) {
  in.execute(
      "UPDATE provider_events SET state = $2, reason = $3 WHERE event_id = $1 AND state = 'waiting'",
      pg::parameters().add(event_id).add(state).add(reason)
  );
}

std::optional<std::int64_t> events_read_until(pg::transaction& in) {
  const auto rows = in.execute("SELECT extract(epoch FROM read_until)::bigint FROM provider_event_cursor");
  return rows.empty() ? std::nullopt : rows.optional_int8(0, 0);
}

void keep_events_read_until(pg::transaction& in, std::int64_t seconds) {
  in.execute(
      "INSERT INTO provider_event_cursor (read_until) VALUES (to_timestamp($1::bigint)) ON CONFLICT (is_only)"
      " DO UPDATE SET read_until = greatest(provider_event_cursor.read_until, excluded.read_until)",
      pg::parameters().add(seconds)
  );
}

std::int64_t forget_old_events(pg::transaction& in, std::int64_t most) {
  return in.execute("SELECT forget_provider_events($1)", pg::parameters().add(most)).int8(0, 0);
}

} // namespace tessera::persistence
