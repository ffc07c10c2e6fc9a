#pragma once

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/decision.hpp"
#include "tools/paysim/sandbox.hpp"

#include <string_view>

namespace tessera::paysim {

/// An intent to save a method for later, without one; nothing has been told of it.
document new_setup_intent(sandbox& account);

/// Tries to save the method at the intent's customer, if it has one. The intent says what became of it.
verdict attempt_setup(sandbox& account, document& intent, document& method, const attempt_terms& terms);

void answer_setup_challenge(sandbox& account, document& intent, bool passed);

/// 402 of a failed attempt, with the intent in it.
api_error setup_error(const document& intent);

} // namespace tessera::paysim
