#pragma once

#include "tests/faults/history/attempt.hpp"
#include "tests/faults/history/ledger.hpp"
#include "tests/faults/history/violations.hpp"

namespace tessera::test {

/// What a campaign may be lenient about.
struct checker_options {
  bool one_owner = true;    // false: several answer at once, so reads and refusals may be stale
  bool all_resolved = true; // false: operations whose outcome is still unknown are fine
};

/// Compares what clients were told with what the ledger says. Every account's seq is the witness of its
/// order, so that this is a sort and a sweep. No clock but the clients' own one is looked at.
violations check(const history& done, const ledger_source& rows, checker_options options = {});
violations check(const history& done, const ledger& rows, checker_options options = {});

} // namespace tessera::test
