#pragma once

#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <string>

/// Nodes and the leases of shards. Throws pg::error when the database fails.
namespace tessera::persistence {

inline constexpr int shard_count = 256;

struct lease_state {
  int shards_owned = 0;
  time_point database_now;
  bool has_company = false; // another node is about: it serves, or waits for the shards
  time_point held_until;    // the end of the last lease of any shard
};

/// Registers this run of the process and takes every shard whose lease is over or whose owner had the same
/// name (its former self): epoch + 1. For a single node; asked again until it owns all.
lease_state take_all_shards(
    pg::connection& session,
    const node_incarnation& node,
    const std::string& node_name,
    std::chrono::milliseconds ttl,
    std::chrono::milliseconds limit
);

/// Renews what this node still owns. Nodes that were heard of within `ttl` are company, unless they have this
/// node's name.
lease_state renew_leases(
    pg::connection& session,
    const node_incarnation& node,
    std::chrono::milliseconds ttl,
    std::chrono::milliseconds limit
);

/// What the nodes of this database sign the cursors of pages with.
digest cursor_key(pg::connection& session, std::chrono::milliseconds limit);

/// Gives the shards back at once: the next owner need not wait.
void release_shards(pg::connection& session, const node_incarnation& node, std::chrono::milliseconds limit);

} // namespace tessera::persistence
