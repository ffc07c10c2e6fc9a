#pragma once

#include "messages/freezes.hpp"
#include "messages/holds.hpp"
#include "messages/journal.hpp"
#include "messages/reversals.hpp"
#include "messages/types/result.hpp"

/// What a command is told whose key has an answer, and a spend that has none.
namespace tessera {

/// The first answer, or idempotency_key_reused when the key stands for another command.
result<consume_receipt> replay_of(const recorded_spend& first, const consume_credits& spend);
result<allocation_receipt> replay_of(const recorded_spend& first, const allocate_credits& allocation);

result<reversal_receipt> replay_of(const recorded_spend& first, const reverse_spend& command);
result<freeze_receipt> replay_of(const recorded_spend& first, const change_freeze& command);

/// Of a hold the ledger knows the rest: (account, seq) is the entry that says what it was then.
result<hold_receipt> replay_of(const recorded_spend& first, const hold_request& command);

consume_receipt receipt_of(const entry& spent);
/// The reversal among what its command writes.
const entry& reversal_in(const write_set& writes);
reversal_receipt receipt_of_reversal(const write_set& writes);

} // namespace tessera
