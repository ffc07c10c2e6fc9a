#pragma once

#include "messages/allocations.hpp"
#include "persistence/pg/connection.hpp"

/// Reading allocations. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// allocation_unknown when the tenant has no such allocation, or none that the caller may see.
result<allocation> allocation_of(pg::transaction& in, const allocation_query& query);

allocation_page allocations_of(pg::transaction& in, const list_allocations& query);

} // namespace tessera::persistence
