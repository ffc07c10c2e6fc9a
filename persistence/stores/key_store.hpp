#pragma once

#include "messages/key_management.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>

/// API keys that are there; how they are made: directory_store. Inside a transaction of the tenant; throws
/// pg::error when the database fails.
namespace tessera::persistence {

/// Nothing: the tenant has no such key, it was revoked, or it is bound outside of the part.
std::optional<api_key_view> find_api_key(pg::transaction& in, const api_key_query& query);
api_key_page api_keys_of(pg::transaction& in, const list_api_keys& query);

/// Writes name, scopes and expiry, one version later.
void update_api_key(pg::transaction& in, const tenant_id& tenant, const api_key_view& key);
void revoke_api_key(pg::transaction& in, const tenant_id& tenant, const std::string& id);

/// At most once a minute.
void note_key_use(pg::transaction& in, const api_key_used& used);

} // namespace tessera::persistence
