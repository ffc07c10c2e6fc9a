#pragma once

#include <string_view>

namespace tessera {

/// Kills the process (SIGKILL) when TESSERA_CRASH_AT names this point: `name` or `name:n` for the n-th visit.
/// For the fault campaign: only the program `tessera_with_faults` does so (tools/tessera/faults); anywhere
/// else nothing happens.
void crash_point(std::string_view name);

} // namespace tessera
