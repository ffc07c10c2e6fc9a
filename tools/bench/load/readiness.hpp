#pragma once

#include <chrono>
#include <string>

namespace tessera::bench {

/// Waits until the service has written its port to the file and answers `GET /readyz` with 200.
/// Returns when that was, by the system clock; throws std::runtime_error when `patience` is over or the
/// process has ended.
std::chrono::system_clock::time_point
await_readiness(const std::string& port_file, int pid, std::chrono::nanoseconds patience);

} // namespace tessera::bench
