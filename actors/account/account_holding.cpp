// Spending in two phases (decision 0035): see account_state.hpp.
#include "actors/account/account_deciding.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/holds.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tessera {

/// As for a spend.
template <class Command> void account_state::decide_hold(pending_command& command, const Command& asked) {
  if (needs_no_decision(command, asked)) return;
  auto outcome = tessera::decide(tip_, asked, now());
  if (!outcome.ok()) return refuse<hold_receipt>(command, asked, outcome.why());
  auto receipt = receipt_of_hold(*outcome);
  auto writes = write_set_of(std::move(*outcome));
  remember_what_is_left(writes, receipt.available);
  commit(command, std::move(writes), std::move(receipt));
}

void account_state::decide(pending_command& command, const hold_order& order) {
  decide_hold(command, order.command());
}
void account_state::decide(pending_command& command, const capture_order& order) {
  settle_hold(command, order.command());
}
void account_state::decide(pending_command& command, const release_order& order) {
  settle_hold(command, order.command());
}

/// Authority comes before the key. Whose a hold was that is not open any more, the ledger knows.
template <class Command> void account_state::settle_hold(pending_command& command, const Command& asked) {
  if (is_held_by_another(tip_, asked.hold, asked, asked.administers))
    return answer_when_durable(command, result<hold_receipt>(errc::not_the_holder));
  decide_hold(command, asked);
}

/// Of the last entry that says something of a hold: those before it may be of others that were over.
hold_receipt account_state::receipt_of_hold(const decided& events) const {
  const auto last = std::find_if(events.rbegin(), events.rend(), [](const account_event& event) {
    return event.booked.hold.has_value();
  });
  assert(last != events.rend());
  const auto& booked = last->booked;
  hold_receipt receipt;
  receipt.opened = {booked.account, seq_of_hold(booked.reference)};
  receipt.seq = booked.seq;
  receipt.mark = *booked.hold;
  receipt.available = usable_when_done(tip_, events, booked);
  const auto before = tip_.holds.find(receipt.opened.seq);
  receipt.taken = before ? before->taken : booked.slices;
  return receipt;
}

} // namespace tessera
