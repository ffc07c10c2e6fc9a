#pragma once

#include "tests/faults/history/ledger.hpp"
#include "tests/support/postgres.hpp"

#include <string>

namespace tessera::test {

/// The ledger of a database as its owner sees it. Reads with its own SQL, so that an error in the service's
/// cannot hide itself. The cluster must outlive the source.
ledger_source ledger_of(const postgres_cluster& cluster, const std::string& database);

/// How many rows of credit_inbox wait to be absorbed.
std::int64_t waiting_in_inbox(const postgres_cluster& cluster, const std::string& database);

/// The account of an entity; throws std::runtime_error when there is none.
account_id
account_of(const postgres_cluster& cluster, const std::string& database, const std::string& entity_id);

} // namespace tessera::test
