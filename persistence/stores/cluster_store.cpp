#include "persistence/stores/cluster_store.hpp"

namespace tessera::persistence {

namespace {

lease_state state_of(const pg::rows& rows) {
  return {static_cast<int>(rows.int8(0, 0)), rows.time(0, 1), rows.boolean(0, 2), rows.time(0, 3)};
}

std::int64_t in_ms(std::chrono::milliseconds ttl) {
  return ttl.count();
}

} // namespace

lease_state take_all_shards(
    pg::connection& session,
    const node_incarnation& node,
    const std::string& node_name,
    std::chrono::milliseconds ttl,
    std::chrono::milliseconds limit
) {
  session.execute(
      "INSERT INTO node (incarnation, node_name) VALUES ($1, $2)"
      " ON CONFLICT (incarnation) DO UPDATE SET heartbeat_at = clock_timestamp()",
      pg::parameters().add(node).add(node_name),
      limit
  );
  session.execute(
      "UPDATE shard s SET owner = $1, epoch = epoch + 1, lease_until = clock_timestamp() + $2 * interval '1 "
      "ms'"
      " WHERE s.owner IS DISTINCT FROM $1 AND (s.lease_until < clock_timestamp() OR s.owner IS NULL"
      "  OR EXISTS (SELECT FROM node n WHERE n.incarnation = s.owner AND n.node_name = $3))",
      pg::parameters().add(node).add(in_ms(ttl)).add(node_name),
      limit
  );
  return renew_leases(session, node, ttl, limit);
}

lease_state renew_leases(
    pg::connection& session,
    const node_incarnation& node,
    std::chrono::milliseconds ttl,
    std::chrono::milliseconds limit
) {
  return state_of(session.execute(
      "WITH renewed AS (UPDATE shard SET lease_until = clock_timestamp() + $2 * interval '1 ms' WHERE owner "
      "= $1 RETURNING 1),"
      " beat AS (UPDATE node SET heartbeat_at = clock_timestamp() WHERE incarnation = $1)"
      " SELECT count(*), clock_timestamp(),"
      "  EXISTS (SELECT FROM node other, node me WHERE me.incarnation = $1 AND other.node_name <> "
      "me.node_name"
      "   AND NOT other.draining AND other.heartbeat_at > clock_timestamp() - $2 * interval '1 ms'),"
      "  (SELECT coalesce(max(lease_until) FILTER (WHERE isfinite(lease_until)), 'epoch') FROM shard)"
      " FROM renewed",
      pg::parameters().add(node).add(in_ms(ttl)),
      limit
  ));
}

digest cursor_key(pg::connection& session, std::chrono::milliseconds limit) {
  return session.execute("SELECT cursor_key FROM cluster", limit).digest_at(0, 0);
}

void release_shards(pg::connection& session, const node_incarnation& node, std::chrono::milliseconds limit) {
  session.execute(
      "UPDATE shard SET lease_until = '-infinity' WHERE owner = $1", pg::parameters().add(node), limit
  );
  session.execute(
      "UPDATE node SET draining = true WHERE incarnation = $1", pg::parameters().add(node), limit
  );
}

} // namespace tessera::persistence
