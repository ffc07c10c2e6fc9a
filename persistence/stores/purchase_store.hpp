#pragma once

#include "messages/fraud.hpp"
#include "messages/purchases.hpp"
#include "persistence/pg/connection.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Buying. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// The ids that a purchase needs, made by the caller.
struct purchase_ids {
  std::string purchase_id;
  inbox_id inbox;
  lot_id lot;
};

/// How purchases are judged by the rules against fraud; empty: they are not.
struct purchase_judge {
  std::function<std::vector<fraud_rule>(const std::vector<fraud_rule>& said)>
      rules; // of what a tenant has said
  std::function<std::vector<fraud_hit>(const purchase_history&, const std::vector<fraud_rule>&)> judge;
  std::function<std::string()> new_flag_id;
};

/// Records the purchase, its idempotency key and the inbox row that brings the credits; or, where a rule says
/// so, holds it for review or refuses it. A repeated key gives the first purchase, or its refusal: commit
/// what is returned as a value.
result<purchase_accepted> purchase(
    pg::transaction& in,
    const purchase_credits& command,
    const purchase_ids& ids,
    const purchase_judge& by = {}
);

/// Records a purchase that nobody is there for: it waits to be paid with the saved method. `what` has the
/// credits and the price of all of it. False: the entity was deleted.
bool order(
    pg::transaction& in,
    const purchase_credits& command,
    const std::string& purchase_id,
    const credit_package& what,
    std::string_view origin
);

/// purchase_unknown when the tenant has no such purchase.
result<purchase_receipt> receipt_of(pg::transaction& in, const purchase_query& query);

} // namespace tessera::persistence
