#pragma once

#include "messages/fraud.hpp"
#include "messages/purchases.hpp"
#include "persistence/pg/connection.hpp"

#include <cstdint>
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

enum class order_outcome : std::uint8_t {
  ordered,
  held,    // it is recorded, and waits until somebody approves it
  blocked, // a rule against fraud refuses it: nothing is recorded but that
  nobody,  // the entity was deleted
};
/// Records a purchase that nobody is there for: it waits to be paid with the saved method. `what` has the
/// credits and the price of all of it.
order_outcome order(
    pg::transaction& in,
    const purchase_credits& command,
    const std::string& purchase_id,
    const credit_package& what,
    std::string_view origin,
    const purchase_judge& by = {}
);

/// purchase_unknown when the tenant has no such purchase.
result<purchase_receipt> receipt_of(pg::transaction& in, const purchase_query& query);

} // namespace tessera::persistence
