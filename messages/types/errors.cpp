#include "messages/types/errors.hpp"

namespace tessera {

std::string_view to_string(errc code) {
  switch (code) {
  case errc::ok: return "ok";
  case errc::entity_unknown: return "entity_unknown";
  case errc::package_unknown: return "package_unknown";
  case errc::allocation_unknown: return "allocation_unknown";
  case errc::purchase_unknown: return "purchase_unknown";
  case errc::hold_unknown: return "hold_unknown";
  case errc::transaction_unknown: return "transaction_unknown";
  case errc::api_key_unknown: return "api_key_unknown";
  case errc::user_unknown: return "user_unknown";
  case errc::tenant_unknown: return "tenant_unknown";
  case errc::parent_unknown: return "parent_unknown";
  case errc::application_unknown: return "unknown_application";
  case errc::entity_out_of_scope: return "entity_out_of_scope";
  case errc::insufficient_role: return "insufficient_role";
  case errc::application_forbidden: return "application_forbidden";
  case errc::invalid_assignments: return "invalid_assignments";
  case errc::invalid_price: return "invalid_price";
  case errc::invalid_timezone: return "invalid_timezone";
  case errc::directory_cycle: return "directory_cycle";
  case errc::id_taken: return "id_taken";
  case errc::directory_full: return "directory_full";
  case errc::idempotency_key_reused: return "idempotency_key_reused";
  case errc::partially_replayed: return "partially_replayed";
  case errc::precondition_failed: return "precondition_failed";
  case errc::entity_has_children: return "entity_has_children";
  case errc::entity_has_credits: return "entity_has_credits";
  case errc::entity_has_holds: return "entity_has_holds";
  case errc::entity_has_pending: return "entity_has_pending";
  case errc::entity_closed: return "entity_closed";
  case errc::last_tenant_admin: return "last_tenant_admin";
  case errc::approval_required: return "approval_required";
  case errc::seat_limit_reached: return "seat_limit_reached";
  case errc::package_inactive: return "package_inactive";
  case errc::payment_method_unavailable: return "payment_method_unavailable";
  case errc::payment_method_unknown: return "payment_method_unknown";
  case errc::purchase_not_payable: return "purchase_not_payable";
  case errc::purchase_not_refundable: return "purchase_not_refundable";
  case errc::payment_declined: return "payment_declined";
  case errc::payment_provider_unavailable: return "payment_provider_unavailable";
  case errc::event_unreadable: return "event_unreadable";
  case errc::plan_limit_reached: return "plan_limit_reached";
  case errc::purchase_limit_reached: return "purchase_limit_reached";
  case errc::fraud_flag_unknown: return "fraud_flag_unknown";
  case errc::fraud_flag_not_open: return "fraud_flag_not_open";
  case errc::not_the_holder: return "not_the_holder";
  case errc::not_the_spender: return "not_the_spender";
  case errc::hold_not_open: return "hold_not_open";
  case errc::too_many_holds: return "too_many_holds";
  case errc::end_has_passed: return "validation_failed"; // the route says of which field
  case errc::entity_frozen: return "entity_frozen";
  case errc::amount_out_of_range: return "amount_out_of_range";
  case errc::capture_exceeds_hold: return "capture_exceeds_hold";
  case errc::nothing_to_reverse: return "nothing_to_reverse";
  case errc::lots_expire_before_invitation: return "lots_expire_before_invitation";
  case errc::insufficient_credits: return "insufficient_credits";
  case errc::overloaded: return "overloaded";
  case errc::database_unavailable: return "database_unavailable";
  case errc::reversed_meanwhile: return "reversed_meanwhile";
  case errc::not_owner: return "not_owner";
  case errc::outcome_unknown: return "outcome_unknown";
  case errc::internal: return "internal_error";
  case errc::notification_unknown: return "notification_unknown";
  case errc::notification_not_over: return "notification_not_over";
  case errc::webhook_endpoint_unknown: return "webhook_endpoint_unknown";
  case errc::too_many_endpoints: return "too_many_endpoints";
  case errc::webhook_target_refused: return "webhook_target_refused";
  case errc::template_unknown: return "template_unknown";
  case errc::suppression_unknown: return "suppression_unknown";
  }
  return "unknown";
}

} // namespace tessera
