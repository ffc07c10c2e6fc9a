#pragma once

#include "messages/changes.hpp"
#include "messages/entries.hpp"
#include "messages/types/credits.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Rules against fraud, and what they have flagged (R-C 3.12; decision 0065).
namespace tessera {

/// What happens to what a rule flags. The strictest that any rule asks for.
enum class fraud_action : std::uint8_t {
  off,
  log,   // it is written down
  alert, // and the tenant's administrators are told
  hold,  // it waits until somebody approves it
  block, // it is refused
};
std::string_view to_string(fraud_action action);
std::optional<fraud_action> parse_fraud_action(std::string_view word);

enum class fraud_rule_kind : std::uint8_t {
  purchases_per_hour,              // of an entity, in an hour
  purchases_per_hour_from_network, // of one network of the tenant, likewise
  amount_minor_per_day,            // of an entity's purchases, in 24 hours
  first_purchase_above,            // minor units of the first purchase of an entity
  declines_per_hour,               // of an entity's payments
  chargebacks,                     // that the tenant ever had
};
std::string_view to_string(fraud_rule_kind kind);
std::optional<fraud_rule_kind> parse_fraud_rule(std::string_view word);

struct fraud_rule {
  fraud_rule_kind kind = fraud_rule_kind::purchases_per_hour;
  fraud_action action = fraud_action::log;
  std::int64_t limit = 0; // what is still fine; of declines and chargebacks what is not any more

  friend bool operator==(const fraud_rule&, const fraud_rule&) = default;
};

/// What is known when somebody buys, without this purchase.
struct purchase_history {
  std::int64_t purchases_last_hour = 0;
  std::int64_t purchases_last_hour_from_network = 0;
  std::int64_t amount_minor_last_day = 0; // in this currency
  std::int64_t paid_purchases = 0;        // ever
  std::int64_t declines_last_hour = 0;
  std::int64_t chargebacks = 0;  // of the tenant
  std::int64_t amount_minor = 0; // of this one
};

/// A rule that flags a purchase, with what it has seen.
struct fraud_hit {
  fraud_rule rule;
  std::int64_t observed = 0; // this purchase included
};

struct fraud_rules_query {
  tenant_id tenant;
};
struct fraud_rules_view {
  std::vector<fraud_rule> rules; // one of each kind
  std::int64_t version = 0;
};
/// What is not named stays. Makes a fraud_rules_view. Rejections: precondition_failed.
struct set_fraud_rules {
  tenant_id tenant;
  std::vector<fraud_rule> rules;
  std::optional<std::vector<std::int64_t>> only_versions;
  change_origin origin;
};

struct fraud_flag {
  std::string flag_id;
  fraud_rule rule;   // as it was then
  std::string state; // logged, open, approved, rejected, blocked
  entity_ref entity;
  std::string purchase_id; // empty: it was refused
  std::string purchase_status;
  std::string package_id;
  std::int64_t amount_minor = 0;
  std::string currency;
  std::int64_t observed = 0;
  std::string network; // it came from
  principal requested_by;
  time_point created_at;
  std::optional<time_point> decided_at;
  std::string decided_by;
  std::string note;
};

/// The newest first. Answered by result<fraud_page>.
struct list_fraud_flags {
  tenant_id tenant;
  std::optional<std::string> state;
  std::optional<std::string> rule;
  std::optional<std::pair<time_point, std::string>> after;
  int limit = 50;
};
struct fraud_page {
  std::vector<fraud_flag> flags;
  bool more = false;
};

/// Decides about the purchase that a flag holds, and with it about its other flags. Makes a fraud_flag.
/// Rejections: fraud_flag_unknown, fraud_flag_not_open.
struct decide_fraud_flag {
  tenant_id tenant;
  std::string flag_id;
  bool approved = false;
  std::string note;
  change_origin origin;
};

} // namespace tessera
