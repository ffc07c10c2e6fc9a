#pragma once

#include "messages/users.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>

/// Users as people manage them. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// id_taken: the id, or the address.
errc create_user(pg::transaction& in, const tenant_id& tenant, const tessera::new_user& user);

/// Nothing: the tenant has no such user, or none with an assignment in the part.
std::optional<user_view> find_user(pg::transaction& in, const user_query& query);
user_page users_of(pg::transaction& in, const list_users& query);

/// Writes role, status, assignments and applications, one version later. `ends_tokens`: access tokens issued
/// before now are refused. Of who is disabled the sessions are over.
void update_user(pg::transaction& in, const tenant_id& tenant, const user_view& user, bool ends_tokens);
/// With sessions and assignments; what they did stays in the ledger.
void remove_user(pg::transaction& in, const tenant_id& tenant, const std::string& id);

/// Whether an active tenant_admin is left. Under `lock_directory`, two who leave at once can't both count on
/// each other.
bool has_tenant_admin(pg::transaction& in, const tenant_id& tenant);
/// Active users.
std::int64_t count_seats(pg::transaction& in, const tenant_id& tenant);
/// Of these, how many the tenant has.
std::int64_t
count_applications(pg::transaction& in, const tenant_id& tenant, const std::vector<std::string>& ids);
std::int64_t
count_entities(pg::transaction& in, const tenant_id& tenant, const std::vector<account_id>& accounts);

} // namespace tessera::persistence
