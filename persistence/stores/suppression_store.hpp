#pragma once

#include "messages/suppressions.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

/// Where a tenant sends nothing. Inside a transaction of the tenant; throws pg::error when the database
/// fails.
namespace tessera::persistence {

suppression_page suppressions_of(pg::transaction& in, const list_suppressions& query);
/// What a recipient asked for stays as it is, and is what is answered.
suppression_view insert_suppression(pg::transaction& in, const add_suppression& command);
/// Rejects with insufficient_role what the recipient asked for.
result<suppression_removed> delete_suppression(pg::transaction& in, const remove_suppression& command);

} // namespace tessera::persistence
