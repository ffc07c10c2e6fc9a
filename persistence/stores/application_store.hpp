#pragma once

#include "messages/entities.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>

/// Applications that are there; how they are made: directory_store. Inside a transaction of the tenant;
/// throws pg::error when the database fails.
namespace tessera::persistence {

/// What was deleted does not count.
std::int64_t count_all_applications(pg::transaction& in, const tenant_id& tenant);

/// Nothing: the tenant has no such application, or it was deleted.
std::optional<application_view> find_application(pg::transaction& in, const application_query& query);
application_page applications_of(pg::transaction& in, const list_applications& query);

/// Writes the name, one version later.
void update_application(pg::transaction& in, const tenant_id& tenant, const application_view& application);
/// Ends it, who may use it, and the keys that are bound to it.
void delete_application(pg::transaction& in, const tenant_id& tenant, const std::string& id);

} // namespace tessera::persistence
