#pragma once

#include "messages/changes.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <string_view>

/// What all changes of a tenant's directory begin and end with. Inside a transaction of the tenant; throws
/// pg::error when the database fails.
namespace tessera::persistence {

/// Changes of one directory are made one after another: what this transaction has read of it stays true until
/// it ends. Locked before any other row of the directory, its people included, so that nobody waits in a
/// circle. A transient error when another change has it for longer than a moment.
void lock_directory(pg::transaction& in, const tenant_id& tenant);
/// The same for whoever keeps no others waiting: waits as long as the session lets them.
void await_directory(pg::transaction& in, const tenant_id& tenant);

/// Records who did it. `subject` is `organization/org-1`, `user/usr-1`, ….
void note_change(
    pg::transaction& in,
    const tenant_id& tenant,
    const change_origin& origin,
    std::string_view act,
    const std::string& subject
);

/// precondition_failed, unless the version is one that the caller has seen.
errc check_version(const seen_versions& seen, std::int64_t version);

/// Adds three parameters, which TESSERA_VISIBLE_ACCOUNTS reads as $2 to $4: roots with what is below them,
/// those alone, and whether it is everything.
pg::parameters& add_part(pg::parameters& into, const visible_part& part);

/// Of the tenant $1. Then `$4 OR account_id IN (SELECT account_id FROM part)` says what is visible.
#define TESSERA_VISIBLE_ACCOUNTS                                                                             \
  "WITH RECURSIVE visible AS ("                                                                              \
  " SELECT e.account_id FROM entities e WHERE e.tenant_id = $1 AND e.account_id = ANY ($2)"                  \
  " UNION SELECT c.account_id FROM entities c JOIN visible v ON c.parent_account = v.account_id"             \
  "), part AS (SELECT account_id FROM visible UNION SELECT unnest($3::uuid[])) "

} // namespace tessera::persistence
