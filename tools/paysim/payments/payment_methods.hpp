#pragma once

#include "tools/paysim/payments/test_methods.hpp"
#include "tools/paysim/sandbox.hpp"

#include <string_view>

namespace tessera::paysim {

/// A new one that behaves as the test method does.
document& make_method(sandbox& account, const test_method& like, json::value billing_details = nullptr);

/// The method of that id. A test method's name makes a new one that behaves so, each time.
document& resolve_method(sandbox& account, std::string_view id, std::string param, unsigned status = 400);

const test_method& behaviour_of(const document& method);

/// Saves it at the customer. Throws a card_error when the bank says no already then, and where it belongs to
/// another customer or was used up.
void attach(sandbox& account, document& method, std::string_view customer);

/// Throws unless it may be used for that customer ("" for none): its own customer must be named, and without
/// one it may be used once.
void check_usable(const document& method, std::string_view customer);

} // namespace tessera::paysim
