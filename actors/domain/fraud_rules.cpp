#include "actors/domain/fraud_rules.hpp"

#include <algorithm>

namespace tessera {

namespace {

using enum fraud_rule_kind;

/// What the rule looks at, this purchase included.
std::int64_t observed_by(fraud_rule_kind kind, const purchase_history& known) {
  switch (kind) {
  case purchases_per_hour: return known.purchases_last_hour + 1;
  case purchases_per_hour_from_network: return known.purchases_last_hour_from_network + 1;
  case amount_minor_per_day: return known.amount_minor_last_day + known.amount_minor;
  case first_purchase_above: return known.paid_purchases == 0 ? known.amount_minor : 0;
  case declines_per_hour: return known.declines_last_hour;
  case chargebacks: return known.chargebacks;
  }
  return 0;
}

/// Declines and chargebacks count when there are so many; of the others so many are still fine.
bool is_beyond(const fraud_rule& rule, std::int64_t observed) {
  const bool counts_at = rule.kind == declines_per_hour || rule.kind == chargebacks;
  return counts_at ? observed >= rule.limit : observed > rule.limit;
}

} // namespace

std::vector<fraud_rule> default_fraud_rules() {
  return {
      {purchases_per_hour, fraud_action::log, 5},
      {purchases_per_hour_from_network, fraud_action::log, 10},
      {amount_minor_per_day, fraud_action::log, 1'000'000},
      {first_purchase_above, fraud_action::log, 100'000},
      {declines_per_hour, fraud_action::log, 3},
      {chargebacks, fraud_action::log, 2},
  };
}

std::vector<fraud_rule> with_rules(std::vector<fraud_rule> rules, const std::vector<fraud_rule>& said) {
  for (const auto& each : said)
    for (auto& rule : rules)
      if (rule.kind == each.kind) rule = each;
  return rules;
}

std::vector<fraud_hit> judge(const purchase_history& known, const std::vector<fraud_rule>& rules) {
  std::vector<fraud_hit> hits;
  for (const auto& rule : rules) {
    const auto observed = observed_by(rule.kind, known);
    if (rule.action != fraud_action::off && is_beyond(rule, observed)) hits.push_back({rule, observed});
  }
  return hits;
}

fraud_action strictest(const std::vector<fraud_hit>& hits) {
  auto action = fraud_action::off;
  for (const auto& hit : hits)
    action = std::max(action, hit.rule.action);
  return action;
}

bool may_stop(const std::vector<fraud_rule>& rules) {
  return std::ranges::any_of(rules, [](const fraud_rule& rule) { return rule.action >= fraud_action::hold; });
}

} // namespace tessera
