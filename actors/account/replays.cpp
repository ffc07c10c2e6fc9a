#include "actors/account/replays.hpp"

#include <algorithm>
#include <cassert>

namespace tessera {

namespace {

rejection rejection_of(const recorded_spend& first) {
  rejection why{first.refused};
  why.blocker = first.blocker;
  why.requested = first.amount;
  why.available = first.available;
  why.would_allow = first.would_allow;
  why.replayed = true;
  return why;
}

} // namespace

result<consume_receipt> replay_of(const recorded_spend& first, const consume_credits& spend) {
  if (first.idempotency.fingerprint != spend.idempotency->fingerprint) return errc::idempotency_key_reused;
  return consume_receipt{first.account, first.seq, first.amount, first.available, true};
}

result<allocation_receipt> replay_of(const recorded_spend& first, const allocate_credits& allocation) {
  if (first.idempotency.fingerprint != allocation.idempotency->fingerprint)
    return errc::idempotency_key_reused;
  if (first.refused != errc::ok) return rejection_of(first);
  return allocation_receipt{first.account, first.seq, true};
}

result<reversal_receipt> replay_of(const recorded_spend& first, const reverse_spend& command) {
  if (first.idempotency.fingerprint != command.idempotency->fingerprint) return errc::idempotency_key_reused;
  if (first.refused != errc::ok) return rejection_of(first);
  return reversal_receipt{first.account, first.seq, first.amount, first.available, true};
}

result<freeze_receipt> replay_of(const recorded_spend& first, const change_freeze& command) {
  if (first.idempotency.fingerprint != command.idempotency->fingerprint) return errc::idempotency_key_reused;
  return freeze_receipt{first.account, first.seq, true};
}

result<hold_receipt> replay_of(const recorded_spend& first, const hold_request& command) {
  if (first.idempotency.fingerprint != command.idempotency->fingerprint) return errc::idempotency_key_reused;
  hold_receipt receipt;
  receipt.opened.account = first.account;
  receipt.seq = first.seq;
  receipt.available = first.available;
  receipt.replayed = true;
  return receipt;
}

consume_receipt receipt_of(const entry& spent) {
  return {spent.account, spent.seq, spent.units, spent.usable_after, false};
}

const entry& reversal_in(const write_set& writes) {
  const auto reversal = std::ranges::find(writes.events, entry_type::reverse, [](const account_event& event) {
    return event.booked.type;
  });
  assert(reversal != writes.events.end());
  return reversal->booked;
}

reversal_receipt receipt_of_reversal(const write_set& writes) {
  const auto& booked = reversal_in(writes);
  return {booked.account, booked.seq, booked.units, booked.usable_after, false};
}

} // namespace tessera
