#pragma once

#include "messages/fraud.hpp"
#include "messages/purchases.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <vector>

/// Rules against fraud, and what they flagged. Inside a transaction of the tenant; throws pg::error when the
/// database fails.
namespace tessera::persistence {

/// What differs from what is shipped.
struct said_rules {
  std::vector<fraud_rule> rules;
  std::int64_t version = 0; // nobody has said anything yet
};
said_rules fraud_rules_of(pg::transaction& in, const tenant_id& tenant);
/// The same; nobody else changes them before the transaction ends.
said_rules hold_fraud_rules(pg::transaction& in, const tenant_id& tenant);
void save_fraud_rules(
    pg::transaction& in, const set_fraud_rules& command, const std::vector<fraud_rule>& rules
);

/// Where a rule may stop something, what it counts is looked at one after another from now on: purchases of
/// the network first, then those of the entity, in this order everywhere.
void take_turns_buying(
    pg::transaction& in, const purchase_credits& command, const std::vector<fraud_rule>& rules
);
/// As far as the rules need it. What can only be written down is counted among the last thousand purchases.
purchase_history history_of(
    pg::transaction& in,
    const purchase_credits& command,
    const credit_package& package,
    const std::vector<fraud_rule>& rules
);

/// Writes down what was flagged. `purchase_id` empty: it was refused.
void insert_flag(
    pg::transaction& in,
    const purchase_credits& command,
    const credit_package& package,
    const std::string& flag_id,
    const std::string& purchase_id,
    const fraud_hit& hit,
    std::string_view state
);

std::optional<fraud_flag> find_flag(pg::transaction& in, const tenant_id& tenant, const std::string& flag_id);
/// The same; nobody else decides before the transaction ends.
std::optional<fraud_flag> hold_flag(pg::transaction& in, const tenant_id& tenant, const std::string& flag_id);
fraud_page flags_of(pg::transaction& in, const list_fraud_flags& query);
/// All open flags of the purchase.
void decide_flags(pg::transaction& in, const decide_fraud_flag& command, const std::string& purchase_id);
/// The purchase goes on to be paid, or comes to nothing. False: it does not wait for this.
bool release_purchase(pg::transaction& in, const std::string& purchase_id, bool approved);

} // namespace tessera::persistence
