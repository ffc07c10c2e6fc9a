#include "actors/domain/burn_down.hpp"
#include "actors/domain/credit_account.hpp"
#include "actors/domain/decision_parts.hpp"

/// Spending and expiring: decisions of credit_account.hpp.
namespace tessera {

namespace {

void add_spend(
    decided& events,
    const credit_account& account,
    const consume_credits& command,
    credits usable,
    time_point at
) {
  auto& booked = add_entry(events, account, entry_type::spend, command.amount, at).booked;
  booked.slices = burn_down(account.lots, command.amount, command.application, at);
  booked.usable_after = usable - command.amount;
  booked.application = command.application;
  booked.meter = command.meter;
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
  booked.event_id = command.event_id;
  booked.caller_key = command.caller_key;
  booked.idempotency = command.idempotency;
  booked.metadata = command.metadata;
  booked.occurred_at = command.occurred_at.value_or(at);
}

} // namespace

result<decided> decide(const credit_account& account, const consume_credits& command, time_point now) {
  beginning begun(account, now);
  const auto& there = begun.account();
  const auto usable = there.usable(command.application, begun.own);
  if (auto why = refusal_of(there, command.amount, usable, usable); why.code != errc::ok) return why;
  add_spend(begun.events, there, command, usable, begun.own);
  return std::move(begun.events);
}

decided decide(const credit_account& account, const expire_lots&, time_point now) {
  return beginning(account, now).events;
}

} // namespace tessera
