#pragma once

#include "persistence/pg/error.hpp"
#include "persistence/pg/parameters.hpp"
#include "persistence/pg/rows.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

struct pg_conn;

namespace tessera::pg {

/// How a session is opened. `role` is what it becomes; `application_name` shows in pg_stat_activity.
struct session_options {
  std::string url;
  std::string role;
  std::string application_name = "tessera";
  std::vector<std::string> settings; // "enable_seqscan=off"
  std::chrono::milliseconds connect_timeout{2'000};
  /// Once it is true, nobody waits for the database any longer than 100 ms: what runs there is cancelled, and
  /// the connection is lost.
  const std::atomic<bool>* give_up = nullptr;
};

/// One statement of a pipeline segment. `sql` is a literal: its address names the prepared statement.
struct statement {
  const char* sql;
  parameters values;
};

/// A session with PostgreSQL. One thread at a time. Every call has a time limit and throws pg::error; after
/// an error that is not `rolled_back` the connection is closed and `is_open` is false.
class connection {
public:
  explicit connection(session_options options);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void open();
  void close();
  bool is_open() const;

  /// Runs one statement, prepared on first use.
  rows execute(const char* sql, const parameters& values, std::chrono::milliseconds limit);
  rows execute(const char* sql, std::chrono::milliseconds limit) { return execute(sql, {}, limit); }
  /// Runs a script of several statements without parameters.
  void run_script(const std::string& sql, std::chrono::milliseconds limit);

  /// Sends the statements and one Sync, and waits for it: they commit together or not at all. Returns one
  /// result per statement. It is durable when this returns.
  std::vector<rows> run_segment(const std::vector<statement>& statements, std::chrono::milliseconds limit);

private:
  using clock = std::chrono::steady_clock;
  void prepare(const char* sql, const parameters& values, clock::time_point until);
  void flush(clock::time_point until);
  pg_result* next_result(clock::time_point until);
  void wait(short events, clock::time_point until);
  /// Asks the server to give up what runs, on a connection of its own.
  void cancel();
  [[noreturn]] void lose(const std::string& why);
  error error_of(pg_result* result) const;
  rows single_result(clock::time_point until);

  session_options options_;
  pg_conn* session_ = nullptr;
  std::unordered_set<const char*> prepared_;
};

/// A transaction for row-level security: everything in it belongs to one tenant. Rolls back when it is
/// destroyed before `commit`.
class transaction {
public:
  transaction(connection& session, const tenant_id& tenant, std::chrono::milliseconds limit);
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  rows execute(const char* sql, const parameters& values = {}) {
    return session_.execute(sql, values, limit_);
  }
  /// From now on the server ends a statement that takes longer; the session stays.
  void limit_statements(std::chrono::milliseconds limit);
  void commit();

private:
  connection& session_;
  std::chrono::milliseconds limit_;
  bool done_ = false;
};

} // namespace tessera::pg
