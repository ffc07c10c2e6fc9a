#pragma once

#include "messages/purchases.hpp"
#include "persistence/pg/connection.hpp"

/// Looking at purchases. Inside a transaction of the tenant; throws pg::error when the database fails. Status
/// and units are read from the ledger in one statement, so they fit together while others write.
namespace tessera::persistence {

/// purchase_unknown: there is none, or it is not within the account that the query names.
result<purchase_view> purchase_of(pg::transaction& in, const find_purchase& query);

purchase_page purchases_of(pg::transaction& in, const list_purchases& query);

} // namespace tessera::persistence
