#pragma once

#include "messages/usage.hpp"
#include "persistence/pg/connection.hpp"

namespace tessera::persistence {

/// What was used, from one snapshot of the ledger. Reads every entry concerned. Inside a transaction of the
/// tenant; throws pg::error when the database fails or takes too long.
usage_report usage_of(pg::transaction& in, const usage_query& query);

} // namespace tessera::persistence
