#pragma once

#include "messages/entities.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <vector>

/// Organisations and locations that are there; how they are made: directory_store. Inside a transaction of
/// the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// The tenant itself counts, what was deleted does not.
std::int64_t count_all_entities(pg::transaction& in, const tenant_id& tenant);

/// Nothing: the tenant has no such entity, or it was deleted.
std::optional<entity_view> find_entity(pg::transaction& in, const entity_query& query);
entity_page entities_of(pg::transaction& in, const list_entities& query);

/// The account and all above it, up to the tenant's.
std::vector<account_id> path_to_root(pg::transaction& in, const tenant_id& tenant, const account_id& account);

/// Writes name and parent, one version later.
void update_entity(
    pg::transaction& in, const tenant_id& tenant, const entity_view& entity, const account_id& parent
);

/// Holds the entity's row until the transaction ends, so that nothing more is sent to it, and says what
/// stands in the way of its deletion: entity_has_children, entity_has_credits (last of all, where they may
/// go), entity_has_holds, entity_has_pending (it owes, something is on its way, or a purchase is open), or
/// ok.
errc why_not_deletable(
    pg::transaction& in, const tenant_id& tenant, const account_id& account, bool credits_may_go = false
);
/// Ends it, what people may do there, and the keys that are bound to it.
void delete_entity(pg::transaction& in, const tenant_id& tenant, const account_id& account);

/// False: it was deleted. Else nobody deletes it before the transaction ends.
bool hold_entity(pg::transaction& in, const tenant_id& tenant, const account_id& account);

} // namespace tessera::persistence
