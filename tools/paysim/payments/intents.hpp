#pragma once

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/decision.hpp"
#include "tools/paysim/sandbox.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::paysim {

/// A payment intent for that amount, without a method; `payment_intent.created` has not been told.
document new_intent(sandbox& account, std::int64_t amount, std::string_view currency);

/// Tries to pay the intent with the method and tells of all that comes of it. Throws nothing: the intent says
/// what became of it, with `last_payment_error` when it failed. Returns what was decided.
verdict attempt(sandbox& account, document& intent, document& method, const attempt_terms& terms);

/// What a payment that is processing comes to, and when an authorization ends, shows by itself in time.
void await_outcome(sandbox& account, const document& intent);

/// The payer passed the challenge that the intent waits for, or not.
void answer_challenge(sandbox& account, document& intent, bool passed);

void capture(sandbox& account, document& intent, std::int64_t amount);
void cancel(sandbox& account, document& intent, std::string_view reason);

/// 402 of a failed attempt, with the intent in it.
api_error payment_error(const document& intent);

} // namespace tessera::paysim
