#pragma once

#include "messages/transactions.hpp"
#include "persistence/pg/connection.hpp"

namespace tessera::persistence {

/// One page of the entries of one type, which is not `spend`: those have an index. Takes time by the number
/// of entities in the part and of entries in the page, and is full whenever there are enough.
transaction_page transactions_of_type(pg::transaction& in, const list_transactions& query);

} // namespace tessera::persistence
