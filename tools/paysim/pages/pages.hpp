#pragma once

#include "http/routing/router.hpp"
#include "tools/paysim/sandbox.hpp"

#include <vector>

namespace tessera::paysim {

/// What a payer sees: the checkout of a session, the bank's challenge, receipts and invoices.
std::vector<http::route> page_routes(sandbox& account);

} // namespace tessera::paysim
