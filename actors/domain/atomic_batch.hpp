#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/consume_batch.hpp"

/// Spends that happen together (decision 0022).
namespace tessera {

/// Takes every item in its turn, as if each came alone, or none: then it rejects as the first item that can't
/// be paid would be, with its index. `would_allow` is what that item could have been, after those before it;
/// `available` is what is there now, as none of them has happened.
result<decided> decide(const credit_account& account, const consume_atomically& batch, time_point now);

} // namespace tessera
