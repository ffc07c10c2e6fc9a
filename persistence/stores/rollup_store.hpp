#pragma once

#include "messages/balances.hpp"
#include "persistence/pg/connection.hpp"

namespace tessera::persistence {

/// $1 the account, $2 now. Here for whoever looks at its plan.
extern const char* const rollup_sql;

/// The balances of an entity and of all below it at `now`, exact, by one statement. Inside a transaction of
/// the tenant; throws pg::error when the database fails.
balance_rollup rollup_of(pg::transaction& in, const rollup_query& query, time_point now);

} // namespace tessera::persistence
