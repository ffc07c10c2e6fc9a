#pragma once

#include "persistence/pg/connection.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace tessera {

enum class job_weight : std::uint8_t {
  light, // a write, what a write waits for, or what takes a moment
  heavy, // reads that may take as long as a statement may
};

/// Jobs of several threads, oldest first. One thread is always left for light jobs, however many heavy ones
/// there are: nobody's reading holds up what others write. Safe from any thread.
class job_queue {
public:
  using job = std::function<void(pg::connection&)>;

  explicit job_queue(unsigned threads) : most_heavy_(threads > 1 ? threads - 1 : 1) {}

  /// False when `limit` jobs of this weight wait already.
  bool push(job work, job_weight weight, std::size_t limit);
  /// Runs the oldest job that may run now, and waits for one. False: stopped, and nothing is left.
  bool run_next(pg::connection& session);
  void stop();

private:
  struct waiting_job {
    std::uint64_t number;
    job work;
  };
  bool may_run_heavy() const { return !heavy_.empty() && running_heavy_ < most_heavy_; }
  job_weight next_weight() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<waiting_job> light_;
  std::deque<waiting_job> heavy_;
  std::uint64_t last_number_ = 0;
  unsigned most_heavy_;
  unsigned running_heavy_ = 0;
  bool stopped_ = false;
};

} // namespace tessera
