#pragma once

#include "tests/support/small_disk.hpp"

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tessera::test {

/// What of a server lies on a small disk of its own.
enum class on_small_disk { nothing, data, wal };

struct postgres_options {
  bool fsync = false; // a killed server keeps what it wrote either way; on costs what production pays
  on_small_disk small = on_small_disk::nothing; // needs what small_disk needs
};

/// A private PostgreSQL on a unix socket. It is started on construction and removed when the test ends, even
/// by a crash.
class postgres_cluster {
public:
  /// One per test process, started on first use.
  static postgres_cluster& shared();

  explicit postgres_cluster(postgres_options options = {});
  ~postgres_cluster();
  postgres_cluster(const postgres_cluster&) = delete;

  /// A URL that connects as the owner, or as `user`.
  std::string url(const std::string& database = "postgres", const std::string& user = "postgres") const;

  /// Makes an empty database, or a copy of another one to which nobody is connected; returns its name.
  std::string create_database(const std::string& copy_of = "template0");
  void drop_database(const std::string& database);

  /// One value of the first row, empty when there is none. Throws std::runtime_error with the server's
  /// message.
  std::string query(const std::string& database, const std::string& sql) const;
  /// Closes the connections whose application_name matches the LIKE pattern; returns how many.
  int terminate_backends(const std::string& application_name) const;

  /// Ends it without flushing anything: what a crash of the server does. `start` then recovers.
  void stop_immediate();
  /// kill -9 of the postmaster and all backends.
  void kill();
  /// Ends it in order.
  void stop();
  void start();

  /// Freezes the postmaster and all backends: connections stay open and nothing answers.
  void pause();
  void resume();

  std::string log() const;
  /// Null: it has none.
  small_disk* disk() { return disk_.get(); }

private:
  void part_disks();
  std::string script(const std::string& verb) const;
  std::vector<pid_t> processes() const;
  void signal_all(int number) const;

  postgres_options options_;
  std::string directory_;
  int guard_ = -1;      // closing it tells the guard to remove everything
  int guard_done_ = -1; // ends when the guard has
  std::string home_;
  std::string place_; // the end of every URL
  std::unique_ptr<small_disk> disk_;
};

} // namespace tessera::test
