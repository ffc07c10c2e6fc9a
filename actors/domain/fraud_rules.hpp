#pragma once

#include "messages/fraud.hpp"

#include <vector>

/// Which rules flag a purchase (R-C 3.12): pure.
namespace tessera {

/// One of each kind, as it is where nobody has said otherwise: everything is only written down.
std::vector<fraud_rule> default_fraud_rules();
/// The rules with those that are said in the place of others.
std::vector<fraud_rule> with_rules(std::vector<fraud_rule> rules, const std::vector<fraud_rule>& said);

/// Those that flag it; none of them is off.
std::vector<fraud_hit> judge(const purchase_history& known, const std::vector<fraud_rule>& rules);
/// What becomes of what was flagged so: off when nothing was.
fraud_action strictest(const std::vector<fraud_hit>& hits);
/// Any rule that may stop a purchase: then those of an entity are looked at one after another.
bool may_stop(const std::vector<fraud_rule>& rules);

} // namespace tessera
