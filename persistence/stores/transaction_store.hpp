#pragma once

#include "messages/transactions.hpp"
#include "persistence/pg/connection.hpp"

namespace tessera::persistence {

/// One page of the ledger. Takes time by the number of entities in the part and of entries that are looked
/// at, `most_scanned` at most, not by how many there are nor by how deep the page is. Inside a transaction of
/// the tenant; throws pg::error when the database fails.
transaction_page transactions_of(pg::transaction& in, const list_transactions& query);

} // namespace tessera::persistence
