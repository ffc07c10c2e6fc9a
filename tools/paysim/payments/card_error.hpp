#pragma once

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/test_methods.hpp"

namespace tessera::paysim {

/// 402: what the bank says no with.
api_error card_error(const test_method& method);
/// 402: the payer had to be there and was not.
api_error authentication_required();

/// The same as an intent's `last_payment_error` or `last_setup_error`.
document error_of_intent(const api_error& error, const document& method);
/// The payer did not pass: "payment_intent_authentication_failure" or the setup intent's.
document failed_challenge(std::string_view code, const document& method);

} // namespace tessera::paysim
