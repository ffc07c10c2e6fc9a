#pragma once

#include "actors/support/worker_queue.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>

namespace tessera {

/// INTERNAL: one thread for what takes its time and needs no session. What still waits when it ends is not
/// run.
class side_thread {
public:
  side_thread(std::string name, std::size_t most_queued);
  ~side_thread();
  side_thread(const side_thread&) = delete;

  /// False: as many wait already as may. What throws is logged; from any thread.
  bool run(std::function<void()> job);

private:
  void work();

  std::string name_; // of at most 15 bytes
  std::size_t most_;
  std::atomic<bool> stopping_{false};
  worker_queue<std::function<void()>> jobs_;
  std::thread thread_;
};

} // namespace tessera
