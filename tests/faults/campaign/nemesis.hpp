#pragma once

#include "tests/faults/campaign/node.hpp"
#include "tests/faults/campaign/pause.hpp"

#include <string>
#include <vector>

namespace tessera::test {

/// What can happen to a service and its database.
struct fault {
  enum class kind {
    kill_service,
    crash_point,
    stop_service,
    pause_service,
    stop_postgres, // immediate
    kill_postgres,
    pause_postgres,
    terminate_backends,
  };
  kind what = kind::kill_service;
  std::string crash_at; // crash_point: `name:visit`
};

std::string to_string(const fault& f);

/// Deals every fault once, shuffled, before any comes again; which visit of a crash point kills is chosen
/// anew.
class fault_deck {
public:
  explicit fault_deck(std::uint64_t seed) : random_(seed) {}
  fault draw();

private:
  void shuffle();
  random_source random_;
  std::vector<fault> cards_;
};

/// Brings the fault about, and everything back up. Returns when the database is there again (microseconds;
/// the service may still have to find out), or throws std::runtime_error when something does not come back.
class nemesis {
public:
  nemesis(postgres_cluster& cluster, node& victim, std::uint64_t seed)
      : cluster_(cluster), victim_(victim), random_(seed) {}

  std::int64_t strike(const fault& f);
  /// Crash points that were reached.
  std::size_t crash_points_hit() const { return crash_points_hit_; }

private:
  void let_pass_between(std::int64_t low_ms, std::int64_t high_ms);
  void wait_for_crash(const fault& f);
  void terminate_backends();

  postgres_cluster& cluster_;
  node& victim_;
  random_source random_;
  std::size_t crash_points_hit_ = 0;
};

} // namespace tessera::test
