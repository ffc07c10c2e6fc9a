#pragma once

#include "tools/bench/load/histogram.hpp"
#include "tools/bench/load/json_line.hpp"
#include "tools/bench/load/process_usage.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace tessera::bench {

struct resident_memory {
  std::uint64_t before = 0;
  std::uint64_t peak = 0;
  std::uint64_t after = 0;
};

/// What a run found. The figures are of the measured window unless they are named `total`.
struct load_result {
  std::string mode;
  std::size_t connections = 0;
  std::uint64_t batch = 1; // events of one request
  std::chrono::nanoseconds window{0};

  std::map<int, std::uint64_t> statuses;
  histogram accepted; // answers with the expected status
  histogram refused;  // 429 and 503
  std::uint64_t refused_without_retry_after = 0;
  std::string unexpected; // the first other answer

  histogram late;               // open loop: how long after it was due this thread looked at a request
  std::uint64_t offered = 0;    // open loop: requests that were due
  std::uint64_t unsent = 0;     // of these, found every connection resting
  std::uint64_t unanswered = 0; // had no answer when the grace was over; counted as accepted, with that time
  std::uint64_t broken = 0;     // connections

  cpu_usage used;
  std::uint64_t answered_while_used = 0;
  resident_memory resident;
  std::uint64_t total_accepted = 0; // warm-up included
  std::uint64_t total_answered = 0;
};

json_line render(const load_result& result);
json_line render(const histogram& durations);

} // namespace tessera::bench
