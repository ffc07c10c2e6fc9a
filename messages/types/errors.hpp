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
  application_unknown,
  invalid_price,
  id_taken,
  idempotency_key_reused,
  partially_replayed,  // some of what must happen together has happened before
  precondition_failed, // the caller has seen another version
  package_inactive,
  payment_method_unavailable,
  not_the_holder, // somebody else holds it, and the caller administers no entity above
  hold_not_open,
  entity_frozen,
  amount_out_of_range,
  capture_exceeds_hold,
  insufficient_credits,

  overloaded,           // a bounded queue is full; nothing happened
  database_unavailable, // nothing happened
  not_owner,            // this node has no live lease on the account; nothing happened
  outcome_unknown,      // it may or may not have happened: a retry with the same key tells
  internal,
};

std::string_view to_string(errc code);

/// True when the caller may simply try again later: nothing happened, or the same key tells.
constexpr bool is_failure(errc code) {
  return code >= errc::overloaded;
}

} // namespace tessera
