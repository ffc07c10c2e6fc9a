#pragma once

#include "messages/entries.hpp"
#include "messages/tenant_snapshot.hpp"
#include "persistence/pg/connection.hpp"

#include <vector>

/// What the rules of authority need, as the rows have it now (actors/domain/access): whoever grants something
/// is judged by what they may at that instant, not by what a node remembers. Inside a transaction of the
/// tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// Policies, applications, those entities and the principal's own with all above them; and the principal, as
/// `users` or `keys`, if they are active. No more of the tenant: nothing else can be asked of it.
tenant_snapshot authority_rows(
    pg::transaction& in,
    const tenant_id& tenant,
    const principal& who,
    const std::vector<account_id>& entities
);

/// Nobody changes the directory before the transaction ends; who else only keeps it does not wait. A moment
/// only, as `lock_directory`.
void keep_directory(pg::transaction& in, const tenant_id& tenant);

} // namespace tessera::persistence
