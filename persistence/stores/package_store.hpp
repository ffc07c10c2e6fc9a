#pragma once

#include "messages/purchases.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>

/// What is sold. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// The smallest first.
package_list packages_of(pg::transaction& in, const list_packages& query);

/// Nothing: the tenant has no such package. `for_update`: nobody else edits or sells it before the
/// transaction ends.
enum class row_lock { none, for_share, for_update };
std::optional<credit_package> find_package(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, row_lock lock = row_lock::none
);

/// id_taken when the tenant has a package of that id.
errc create_package(pg::transaction& in, const tenant_id& tenant, const credit_package& package);

/// Writes every field, the version included.
void update_package(pg::transaction& in, const tenant_id& tenant, const credit_package& package);

} // namespace tessera::persistence
