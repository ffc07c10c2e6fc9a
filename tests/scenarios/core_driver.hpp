#pragma once

#include "tests/scenarios/driver.hpp"

#include <memory>

namespace tessera::test {

/// The rules alone: `decide` and `evolve`, and a clock that the scenario moves. What leaves an account
/// arrives at once. Has no keys: those are the account actor's.
std::unique_ptr<scenario_driver> core_driver();

} // namespace tessera::test
