#pragma once

#include "tools/paysim/payments/test_methods.hpp"

#include <initializer_list>
#include <string_view>

namespace tessera::paysim {

/// Under which circumstances a payment is attempted.
struct attempt_terms {
  bool is_off_session = false;   // the payer is not there
  bool is_authenticated = false; // they just were
  bool was_set_up = false;       // they were, when the method was saved for later
  bool may_ask = true;           // false: `error_on_requires_action`
};

enum class verdict { succeeds, fails, asks_payer, fails_for_want_of_payer, outcome_comes_later };

/// What comes of a payment, or of saving the method (`is_setup`).
verdict decide(const test_method& method, const attempt_terms& terms, bool is_setup = false);

/// The states of a payment or setup intent, and what may be done in which.
bool may_confirm(std::string_view status);
bool may_capture(std::string_view status);
bool may_cancel(std::string_view status);
bool may_update(std::string_view status);

} // namespace tessera::paysim
