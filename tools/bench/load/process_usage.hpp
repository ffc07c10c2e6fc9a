#pragma once

#include "tools/bench/load/json_line.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace tessera::bench {

/// Whose CPU time is asked for; 0: nobody's.
struct watched {
  int service = 0;    // split by the names of its threads
  int postmaster = 0; // together with all its children, ended ones included
};

/// CPU time spent until now. Differences of two of these are what counts.
struct cpu_usage {
  std::map<std::string, std::chrono::nanoseconds> threads;
  std::chrono::nanoseconds postgres{0};
  std::chrono::nanoseconds self{0};

  std::chrono::nanoseconds service() const;
};

cpu_usage measure(const watched& who);
cpu_usage operator-(cpu_usage later, const cpu_usage& earlier);

/// Resident memory of a process in bytes, 0 when it is gone.
std::uint64_t resident_bytes(int pid);

/// The usage in microseconds per request.
json_line render_per_request(const cpu_usage& used, std::uint64_t requests);

} // namespace tessera::bench
