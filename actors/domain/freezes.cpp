#include "actors/domain/freezes.hpp"

#include "actors/domain/decision_parts.hpp"

#include <utility>

namespace tessera {

decided decide(const credit_account& account, const change_freeze& command, time_point now) {
  if (account.frozen == command.frozen) return {};
  beginning begun(account, now);
  const auto type = command.frozen ? entry_type::freeze : entry_type::unfreeze;
  auto& booked = add_entry(begun.events, begun.account(), type, credits{}, begun.own).booked;
  booked.usable_after = begun.account().usable({}, begun.own);
  booked.reference = command.reason;
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
  booked.caller_key = command.caller_key;
  booked.idempotency = command.idempotency;
  return std::move(begun.events);
}

} // namespace tessera
