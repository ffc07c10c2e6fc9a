#pragma once

#include "tests/scenarios/driver.hpp"

#include <memory>

namespace tessera::test {

/// The real binary through its API: one service for all scenarios, a tenant for each. Its clock is the
/// database's, which nobody can move.
std::unique_ptr<scenario_driver> http_driver();

} // namespace tessera::test
