#pragma once

#include "tests/faults/campaign/nemesis.hpp"
#include "tests/faults/campaign/workload.hpp"
#include "tests/faults/history/checker.hpp"

#include <iosfwd>

namespace tessera::test {

struct crash_campaign_options {
  std::int64_t cycles = 10;
  std::uint64_t seed = 1;
  std::size_t entities = 32;
  workload_options clients;
  std::int64_t check_every = 50; // cycles: a long run fails early
};

/// Clients work while a fault is brought about, everything comes back, all outcomes are found out; again and
/// again. At the end the ledger must agree with every answer.
class crash_campaign {
public:
  crash_campaign(postgres_cluster& cluster, crash_campaign_options options);

  /// Throws std::runtime_error when the service does not come back or clients do not get their answers.
  violations run();

  void print_summary(std::ostream& out) const;
  /// Writes history, logs, ledger and what was found into the directory.
  void keep(const std::string& directory, const violations& found) const;
  std::size_t crash_points_hit() const { return nemesis_.crash_points_hit(); }

private:
  void cycle(std::int64_t number);
  void prepare(const fault& next);
  std::vector<std::uint32_t> some_resting();
  violations check_now();

  crash_campaign_options options_;
  postgres_cluster& cluster_;
  node node_;
  bank bank_;
  recorder notes_;
  workload clients_;
  random_source random_;
  fault_deck deck_;
  nemesis nemesis_;
  std::int64_t slowest_recovery_us_ = 0;
};

/// Waits until everything that was bought has arrived, reading each balance so that the accounts wake up.
bool wait_for_empty_inbox(const postgres_cluster& cluster, node& at, const bank& with, milliseconds timeout);

/// What each kind of attempt came to, as a table.
void print_outcomes(std::ostream& out, const history& done);

/// Writes what is needed to understand a failure.
void keep_evidence(
    const std::string& directory,
    const history& done,
    const postgres_cluster& cluster,
    const node& of,
    const violations& found
);

} // namespace tessera::test
