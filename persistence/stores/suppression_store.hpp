#pragma once

#include "messages/suppressions.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

/// Where a tenant sends nothing. Inside a transaction of the tenant; throws pg::error when the database
/// fails.
namespace tessera::persistence {

suppression_page suppressions_of(pg::transaction& in, const list_suppressions& query);
suppression_view insert_suppression(pg::transaction& in, const add_suppression& command);
result<suppression_removed> delete_suppression(pg::transaction& in, const remove_suppression& command);

} // namespace tessera::persistence
