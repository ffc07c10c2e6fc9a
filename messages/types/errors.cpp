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
  case errc::application_unknown: return "unknown_application";
  case errc::invalid_price: return "invalid_price";
  case errc::id_taken: return "id_taken";
  case errc::idempotency_key_reused: return "idempotency_key_reused";
  case errc::partially_replayed: return "partially_replayed";
  case errc::precondition_failed: return "precondition_failed";
  case errc::package_inactive: return "package_inactive";
  case errc::payment_method_unavailable: return "payment_method_unavailable";
  case errc::not_the_holder: return "not_the_holder";
  case errc::hold_not_open: return "hold_not_open";
  case errc::entity_frozen: return "entity_frozen";
  case errc::amount_out_of_range: return "amount_out_of_range";
  case errc::capture_exceeds_hold: return "capture_exceeds_hold";
  case errc::insufficient_credits: return "insufficient_credits";
  case errc::overloaded: return "overloaded";
  case errc::database_unavailable: return "database_unavailable";
  case errc::not_owner: return "not_owner";
  case errc::outcome_unknown: return "outcome_unknown";
  case errc::internal: return "internal_error";
  }
  return "unknown";
}

} // namespace tessera
