#pragma once

#include "tools/paysim/payments/products.hpp"
#include "tools/paysim/sandbox.hpp"

#include <string_view>
#include <vector>

namespace tessera::paysim {

/// A draft for that customer, without lines.
document& make_invoice(sandbox& account, const document& customer, std::string_view currency);
void add_line(
    sandbox& account,
    document& invoice,
    std::int64_t amount,
    std::string_view description,
    std::int64_t quantity = 1
);

/// It gets a number and a page, and can be paid.
void finalize(sandbox& account, document& invoice);
/// It is paid, by that payment intent or, with null, elsewhere.
void mark_paid(sandbox& account, document& invoice, const document* intent);

} // namespace tessera::paysim
