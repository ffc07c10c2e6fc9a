#pragma once

#include "messages/tenants.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>

/// Tenants as people manage them. Inside a transaction of the tenant unless said; throws pg::error when the
/// database fails.
namespace tessera::persistence {

/// The first row of a new tenant, without an account. False: a tenant with that number is there already, made
/// by a call with the same key, which may run at this moment and is waited for. Throws with the constraint
/// `tenants_id_taken` when another one has the id.
bool insert_tenant(pg::transaction& in, const tessera::create_tenant& command);
/// Its entity, whose account must then be opened.
void insert_tenant_entity(
    pg::transaction& in, const tessera::create_tenant& command, const account_id& account
);

std::optional<tenant_view> find_tenant(pg::transaction& in, const tenant_id& tenant);
/// Of all tenants: for a transaction of none.
tenant_page tenants_of(pg::transaction& in, const list_tenants& query);

/// Writes every field but the id; both versions rise.
void update_tenant(pg::transaction& in, const tenant_view& tenant);

/// By PostgreSQL's own list, which also says when a day ends.
bool is_timezone(pg::transaction& in, const std::string& name);

} // namespace tessera::persistence
