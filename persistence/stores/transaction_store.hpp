#pragma once

#include "messages/transactions.hpp"
#include "persistence/pg/connection.hpp"

namespace tessera::persistence {

/// One page of an account's ledger. Inside a transaction of the tenant; throws pg::error when the database
/// fails.
transaction_page transactions_of(pg::transaction& in, const list_transactions& query);

} // namespace tessera::persistence
