#pragma once

#include <string_view>

namespace tessera {

/// Kills the process (SIGKILL) when TESSERA_CRASH_AT names this point: `name` or `name:n` for the n-th visit.
/// For the fault campaign; compiled to nothing unless TESSERA_CRASH_POINTS is on.
#ifdef TESSERA_CRASH_POINTS
void crash_point(std::string_view name);
#else
inline void crash_point(std::string_view) {}
#endif

} // namespace tessera
