#pragma once

#include "tests/scenarios/driver.hpp"
#include "tests/scenarios/scenario.hpp"

namespace tessera::test {

/// Does every step and compares what is told; what differs is a failure that names the line.
void play(const scenario& story, scenario_driver& with);

} // namespace tessera::test
