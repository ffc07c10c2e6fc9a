#include "actors/domain/hold_reminders.hpp"

namespace tessera {

void remind_of_holds(write_set& writes, hold_reminder& known) {
  for (const auto& event : writes.events) {
    if (event.booked.type != entry_type::hold) continue;
    const auto end = event.booked.hold->ends_at;
    if (known.at && *known.at <= end) continue;
    known.at = end;
    writes.remind = known;
  }
}

void remind_of_next(
    write_set& writes, hold_reminder& known, const credit_account& before, const decided& events
) {
  auto after = before;
  for (const auto& each : events)
    evolve(after, each);
  known.at.reset();
  if (!after.holds.empty()) known.at = after.holds.all().front()->ends_at;
  writes.remind = known;
}

} // namespace tessera
