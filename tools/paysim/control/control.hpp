#pragma once

#include "http/routing/router.hpp"
#include "tools/paysim/api/failures.hpp"
#include "tools/paysim/sandbox.hpp"

#include <vector>

namespace tessera::paysim {

/// What a test does to the sandbox that no seller could: below /_sandbox, as forms or JSON, without a key.
std::vector<http::route> control_routes(sandbox& account, failures& failing);

} // namespace tessera::paysim
