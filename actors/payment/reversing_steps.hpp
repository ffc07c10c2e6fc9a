#pragma once

#include "actors/payment/desk_core.hpp"
#include "messages/instructions.hpp"
#include "messages/reversed_payments.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tessera {

// INTERNAL: what is to be done about money that went back, one transaction at a time.

/// A refund that the provider is to be asked for.
struct refund_call {
  payment_record purchase;
  std::string tenant_name;
  own_refund refund;
  bool is_late = false; // its key may be forgotten: only look whether it was made
};

struct reversing_steps {
  std::vector<account_id> told;    // have a new row in their inbox
  std::optional<refund_call> call; // to be made now
  bool waits = false;              // for an account, or for the provider
  bool is_last = false;            // of this visit: who is told comes to it later
};

/// Looks at everything that is known and leaves the next rows.
result<reversing_steps>
step_on(pg::transaction& in, const desk_core& core, const tenant_id& tenant, const std::string& purchase_id);

/// What the provider said to a refund; the rows that follow are left by the next step.
void take_refund_answer(
    pg::transaction& in, const desk_core& core, const refund_call& call, const object_answer& said
);

/// Sets units aside for a refund that begins.
instruction
hold_for(const own_refund& refund, const payment_record& purchase, const lot_id& root, const inbox_id& row);

} // namespace tessera
