#pragma once

#include "actors/payment/desk_core.hpp"
#include "messages/fraud.hpp"

namespace tessera {

// INTERNAL: what rules against fraud have flagged, and who decides about it (decision 0065).

result<fraud_rules_view> rules_now(pg::transaction& in, const tenant_id& tenant);
/// See `set_fraud_rules`.
result<fraud_rules_view> set_rules(pg::transaction& in, const set_fraud_rules& command);
/// See `decide_fraud_flag`. What is approved goes on to be paid.
void decide(desk_core& core, repeatable<decide_fraud_flag, fraud_flag> call, answer_of<kept_answer> answer);

} // namespace tessera
