#pragma once

#include "messages/grants.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>

/// When credits end. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// Nothing where there is no such tenant.
std::optional<validity> find_validity(pg::transaction& in, const validity_query& query);

} // namespace tessera::persistence
