#pragma once

#include "messages/purchases.hpp"
#include "persistence/pg/connection.hpp"

/// Buying. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// The ids that a purchase needs, made by the caller.
struct purchase_ids {
  std::string purchase_id;
  inbox_id inbox;
  lot_id lot;
};

/// Records the purchase, its idempotency key and the inbox row that brings the credits. A repeated key gives
/// the first purchase, or its refusal: commit what is returned as a value.
result<purchase_accepted>
purchase(pg::transaction& in, const purchase_credits& command, const purchase_ids& ids);

/// purchase_unknown when the tenant has no such purchase.
result<purchase_receipt> receipt_of(pg::transaction& in, const purchase_query& query);

} // namespace tessera::persistence
