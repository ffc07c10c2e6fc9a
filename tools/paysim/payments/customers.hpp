#pragma once

#include "tools/paysim/sandbox.hpp"

namespace tessera::paysim {

/// One that is not stored yet.
document new_customer(sandbox& account);

} // namespace tessera::paysim
