#pragma once

#include <cstdint>
#include <string_view>

namespace tessera {

/// Why a request was not carried out, in the order in which reasons are looked for (contract 2 `order of
/// checks`). The first group are rejections: answers that the rules give. The second are failures: the
/// world's fault.
enum class errc : std::uint8_t {
  ok = 0,
  entity_unknown,
  package_unknown,
  allocation_unknown,
  purchase_unknown,
  hold_unknown,
  transaction_unknown,
  api_key_unknown,
  user_unknown,
  tenant_unknown,
  parent_unknown, // the entity below which another is to be
  application_unknown,
  entity_out_of_scope,
  insufficient_role,
  application_forbidden,
  invalid_assignments, // of a user: they do not make sense together
  invalid_price,
  invalid_timezone,
  directory_cycle, // an entity would be below itself
  id_taken,
  directory_full, // the tenant has as many as it may have
  idempotency_key_reused,
  partially_replayed,  // some of what must happen together has happened before
  precondition_failed, // the caller has seen another version
  entity_has_children,
  entity_has_credits,
  entity_has_holds,
  entity_has_pending, // something is on its way to it or from it, or is to be settled
  entity_closed,      // who is to get credits was deleted a moment ago
  approval_required,  // by the tenant's policy the operator has to agree
  seat_limit_reached,
  last_tenant_admin,
  package_inactive,
  payment_method_unavailable,
  not_the_holder,  // somebody else holds it, and the caller administers no entity above
  not_the_spender, // likewise of a spend
  hold_not_open,
  too_many_holds, // the account has as many open ones as it may
  end_has_passed, // what is to be given would be over already
  entity_frozen,
  amount_out_of_range,
  capture_exceeds_hold,
  nothing_to_reverse,            // of a spend; or not as much
  lots_expire_before_invitation, // no lots live as long as what is set aside must
  insufficient_credits,

  overloaded,           // a bounded queue is full; nothing happened
  database_unavailable, // nothing happened
  reversed_meanwhile,   // another reversal came first; nothing happened, and it may be read again
  not_owner,            // this node has no live lease on the account; nothing happened
  outcome_unknown,      // it may or may not have happened: a retry with the same key tells
  internal,

  // Of payments.
  payment_method_unknown,       // of those that are kept
  purchase_not_payable,         // by the operator's word: it is no invoice, or is over
  purchase_not_refundable,      // nothing of it was paid, or nothing is left
  payment_declined,             // by the payer's bank
  payment_provider_unavailable, // nothing happened, or it goes on by itself
  event_unreadable,
  plan_limit_reached,     // the tenant's plan allows no more of them
  purchase_limit_reached, // nobody may buy as much in that time
  fraud_flag_unknown,
  fraud_flag_not_open, // somebody decided already

  // Rejections of what is written to people and systems.
  notification_unknown,
  notification_not_over, // it is on its way, or need not be sent again
  webhook_endpoint_unknown,
  too_many_endpoints,     // the tenant has as many as it may have
  webhook_target_refused, // nothing is sent to such an address
  template_unknown,
  suppression_unknown,
};

std::string_view to_string(errc code);

} // namespace tessera
