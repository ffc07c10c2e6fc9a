#pragma once

#include "actors/cluster/lease.hpp"
#include "actors/support/clock.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tessera {

struct lease_options {
  std::string node_name;
  std::chrono::milliseconds ttl{3'000};
  std::chrono::milliseconds alone_ttl{30'000}; // of a node without company; not below ttl
  std::chrono::milliseconds heartbeat{1'000};
};

/// The process was told to stop before its node had the shards.
struct start_given_up : std::exception {
  const char* what() const noexcept override { return "stopped before this node had the shards"; }
};

/// Takes the shards and renews their leases with every heartbeat; measures the database's clock on the way. A
/// node that finds its shards with another owner loses the lease for good. A node without company takes
/// longer leases: nobody waits for its shards, and reads outlive a database that is away (decision 0008).
class lease_keeper {
public:
  /// Takes all shards before it returns, however long another node's lease is waited for. Throws pg::error
  /// when the database fails, and start_given_up as soon as `must_stop` says so.
  lease_keeper(
      lease_options options,
      pg::session_options session,
      node_incarnation node,
      lease& kept,
      database_clock& time,
      const std::function<bool()>& must_stop = {}
  );
  /// Gives the shards back.
  ~lease_keeper();

  bool reached_database_lately() const;

private:
  void run();
  void beat();
  void extend(lease::duration asked, std::chrono::milliseconds granted);

  lease_options options_;
  pg::connection session_;
  node_incarnation node_;
  lease& lease_;
  database_clock& time_;
  std::atomic<std::int64_t> last_success_ns_{0};
  bool alone_ = false; // as of the last heartbeat

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
