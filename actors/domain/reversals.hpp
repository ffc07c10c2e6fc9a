#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/reversals.hpp"

namespace tessera {

/// True for who spent, and for an administrator; and where nothing is known of a spend: there is nothing to
/// reverse then.
bool may_reverse(const reverse_spend& command);

/// The spend was read in a ledger that has gone on without this account, or of which nobody has told it yet.
bool knows_less_than(const credit_account& account, const reversible_spend& spend);

/// Gives units of a spend back to the lots that they came from, those first that it took last: as if it had
/// been for less. What went to a lot that is over expires at once, and comes back as a lot of its own where
/// the command grants it anew: for nobody who could not use all of it before. What is left repays what is
/// owed. Works on a frozen account. Rejects: not_the_spender, reversed_meanwhile where the account knows less
/// than the ledger did when the spend was read, nothing_to_reverse (with would_allow), amount_out_of_range
/// where what is granted anew has no room.
///
/// The caller makes sure that what the command says of the spend is still true, that it has the lot of every
/// slice, and that what is granted anew is not over yet.
result<decided> decide(const credit_account& account, const reverse_spend& command, time_point now);

} // namespace tessera
