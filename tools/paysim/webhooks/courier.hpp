#pragma once

#include "tools/paysim/webhooks/webhooks.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tessera::paysim {

/// Posts attempts over HTTP on threads of its own; each waits for one answer at a time. With one thread they
/// arrive in their order.
class courier {
public:
  /// `done` is called on one of those threads. Status 0: no answer.
  using receiver = std::function<void(std::uint64_t attempt, unsigned status)>;

  courier(unsigned threads, receiver done);
  ~courier();

  void send(webhook_attempt attempt);

private:
  void run();

  receiver done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<webhook_attempt> queue_;
  std::atomic<bool> stopping_{false}; // ends the transfers too
  std::vector<std::thread> threads_;
};

} // namespace tessera::paysim
