#pragma once

#include "persistence/pg/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tessera {

/// Does something to rows that are due, on a thread of its own: a page in each transaction, at once again
/// while there is more, else when the interval is over. The rows are all the state there is: a restart
/// forgets nothing, and what two nodes find at once is done once if the statement skips locked rows.
class recurring_sweep {
public:
  struct options {
    std::string name; // of the thread and in the log: at most 15 letters
    std::chrono::milliseconds interval{1'000};
    std::int64_t page = 200;
  };
  /// Answers how many it looked at; throws pg::error.
  using portion =
      std::function<std::int64_t(pg::connection&, std::int64_t most, std::chrono::milliseconds limit)>;

  /// `done`: it did something. On its thread.
  recurring_sweep(options chosen, pg::session_options session, portion step, std::function<void()> done = {});
  ~recurring_sweep();
  recurring_sweep(const recurring_sweep&) = delete;

private:
  void run();
  /// True: there may be more.
  bool sweep();

  options options_;
  pg::connection session_;
  portion step_;
  std::function<void()> done_;
  bool is_failing_ = false; // told once

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
