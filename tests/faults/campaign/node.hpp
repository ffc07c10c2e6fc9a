#pragma once

#include "tests/support/tessera_service.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace tessera::test {

using variables = std::map<std::string, std::string>;

/// A `tessera serve` that is killed and started again and again on one database, each time on a new port. One
/// thread controls it; any may ask for the port.
class node {
public:
  /// An empty database name makes a new, migrated one.
  node(postgres_cluster& cluster, std::string database, variables environment);

  /// Starts a new run and waits until it is ready. False: it crashed before, as `crash_at` asked it to.
  bool start(const std::string& crash_at = {});
  void kill();
  std::optional<exit_status> stop();
  /// What became of the run when it ended by itself within the time.
  std::optional<exit_status> wait(milliseconds timeout);
  bool alive() { return service_ && service_->process().alive(); }
  void pause() { service_->process().pause(); }
  void resume() { service_->process().resume(); }

  /// 0: it is not running.
  std::uint16_t port() const { return port_.load(); }
  const std::string& database() const { return database_; }
  tessera_service& service() { return *service_; }

  /// The logs of all runs so far.
  std::string log() const;

private:
  void retire();

  postgres_cluster& cluster_;
  std::string database_;
  variables environment_;
  std::unique_ptr<tessera_service> service_;
  std::string old_logs_;
  std::atomic<std::uint16_t> port_{0};
};

} // namespace tessera::test
