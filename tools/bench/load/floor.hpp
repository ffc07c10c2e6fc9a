#pragma once

#include "tools/bench/load/load_result.hpp"

#include <chrono>
#include <string>

namespace tessera::bench {

struct floor_options {
  std::string database; // libpq URL
  std::size_t rows = 1; // of one INSERT, which is one commit
  std::chrono::nanoseconds warm_up{0};
  std::chrono::nanoseconds measured{0};
  watched who;
};

/// The least that a ledger in PostgreSQL costs: multi-row INSERTs of fresh keys into a table with a unique
/// index, one connection, one round trip each. With one row it is the bare commit. The table `floor_events`
/// is emptied.
load_result insert_floor(const floor_options& options);

} // namespace tessera::bench
