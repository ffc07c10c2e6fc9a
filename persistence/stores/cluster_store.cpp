#include "persistence/stores/cluster_store.hpp"

namespace tessera::persistence {

namespace {

lease_state state_of(const pg::rows& rows) {
  return {static_cast<int>(rows.int8(0, 0)), rows.time(0, 1)};
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
      "INSERT INTO node (incarnation, node_name) VALUES ($1, $2)",
      pg::parameters().add(node).add(node_name),
      limit
  );
  return state_of(session.execute(
      "WITH taken AS (UPDATE shard SET owner = $1, epoch = epoch + 1,"
      "  lease_until = clock_timestamp() + $2 * interval '1 ms' RETURNING 1)"
      " SELECT count(*), clock_timestamp() FROM taken",
      pg::parameters().add(node).add(in_ms(ttl)),
      limit
  ));
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
      " SELECT count(*), clock_timestamp() FROM renewed",
      pg::parameters().add(node).add(in_ms(ttl)),
      limit
  ));
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
