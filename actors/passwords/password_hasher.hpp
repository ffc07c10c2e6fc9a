#pragma once

#include "actors/support/worker_queue.hpp"
#include "messages/password_verdict.hpp"
#include "messages/types/result.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace tessera {

struct password_hasher_options {
  /// Half of the cores: with two of two at work a median spend took twice as long (docs/performance.md).
  unsigned threads = std::max(1U, std::thread::hardware_concurrency() / 2);
  std::size_t max_queued = 64;
  std::chrono::milliseconds limit{1'500}; // whoever waited longer is not served: nobody waits any more
};

/// Compares passwords on threads of its own: a comparison takes 50 ms and 19 MiB on purpose. Bounded: what
/// finds the queue full is overloaded. The threads give way to everything else that the machine has to do.
class password_hasher {
public:
  explicit password_hasher(password_hasher_options options = {});
  ~password_hasher();
  password_hasher(const password_hasher&) = delete;

  /// `hash` empty: nobody's; takes as long, and is never right. `password` in normal form C. Answers on one
  /// of its threads.
  void compare(std::string hash, std::string password, std::function<void(result<password_verdict>)> answer);

  /// Makes the hash of a password that is to be set; likewise.
  void hash(std::string password, std::function<void(result<std::string>)> answer);

private:
  using job = std::function<void()>;
  template <class Answer, class Work> void submit(std::function<void(result<Answer>)> answer, Work work);
  void work();

  password_hasher_options options_;
  std::string nobodys_; // a hash of no password
  worker_queue<job> jobs_;
  std::vector<std::thread> threads_;
};

} // namespace tessera
