#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tessera::test {

/// What the environment says about a run: TESSERA_FAULT_CYCLES, TESSERA_FAULT_SECONDS,
/// TESSERA_FAULT_OUTAGE_SECONDS, TESSERA_FAULT_MENU_CYCLES, TESSERA_FAULT_MENU_SECONDS,
/// TESSERA_FAULT_SLOW_CONNECTIONS, TESSERA_FAULT_SEED, TESSERA_FAULT_KEEP (a directory for what a failure
/// leaves).
std::int64_t fault_setting(const std::string& name, std::int64_t otherwise);

/// The seed of this run; printed, so that it can be asked for again.
std::uint64_t fault_seed();

/// Where to keep histories and logs of a failed run.
std::string keep_directory();

} // namespace tessera::test
