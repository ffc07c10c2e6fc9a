#pragma once

#include "tests/faults/campaign/workload.hpp"
#include "tests/faults/history/checker.hpp"

#include <array>
#include <string>

namespace tessera::test {

/// Two nodes that both believe they own every account, on one database: nothing but the journal's own rule
/// keeps them apart.
class two_owners {
public:
  two_owners(postgres_cluster& cluster, std::uint64_t seed);

  workload& clients() { return clients_; }
  const std::string& database() const { return first_.database(); }

  /// One node, chosen by chance, stands still for a while and then goes on with what it held.
  void pause_one();
  /// A node dies while the database still holds its bytes unread; they are executed after others have
  /// written.
  void deliver_late_bytes();
  /// Starts what has died by itself. False: nothing had.
  bool revive();

  violations check_now(checker_options options);
  void keep(const std::string& directory, const violations& found);
  history done() const { return notes_.copy(); }

private:
  node& some_node() { return chance(random_, 50) ? first_ : second_; }
  /// The sessions of a node's journal, by the login that is its own.
  std::vector<pid_t> lane_backends(const node& of) const;
  std::string login_of(const node& of) const { return &of == &first_ ? "tessera_service" : second_login; }

  static constexpr const char* second_login = "tessera_service_b";
  static variables first_environment();
  static variables second_environment(const postgres_cluster& cluster, const std::string& database);

  postgres_cluster& cluster_;
  random_source random_;
  node first_;
  node second_;
  bank bank_;
  recorder notes_;
  workload clients_;
};

/// Switches the rule off that keeps two writers apart, as only the owner of the database can.
void disable_fence(const postgres_cluster& cluster, const std::string& database);

} // namespace tessera::test
