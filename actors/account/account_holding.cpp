// Spending in two phases (decision 0035): see account_state.hpp.
#include "actors/account/account_deciding.hpp"
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
  commit(command, std::move(*outcome), std::move(receipt));
}

void account_state::decide(pending_command& command, const hold_order& order) {
  decide_hold(command, order.command());
}
void account_state::decide(pending_command& command, const capture_order& order) {
  decide_hold(command, order.command());
}
void account_state::decide(pending_command& command, const release_order& order) {
  decide_hold(command, order.command());
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
  receipt.available = booked.usable_after;
  const auto before = tip_.holds.find(receipt.opened.seq);
  receipt.taken = before ? before->taken : booked.slices;
  return receipt;
}

} // namespace tessera
