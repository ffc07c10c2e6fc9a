#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace tessera {

/// Jobs for one thread that takes them in batches. Safe from any thread.
template <class Job> class worker_queue {
public:
  /// False when `limit` jobs wait already.
  bool push(Job job, std::size_t limit) {
    std::lock_guard lock(mutex_);
    if (jobs_.size() >= limit) return false;
    jobs_.push_back(std::move(job));
    queued_.notify_one();
    return true;
  }

  /// At most `most` jobs, oldest first; waits up to `patience` for the first. Nothing: stopped and empty.
  std::optional<std::vector<Job>> take(std::size_t most, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    queued_.wait_for(lock, patience, [&] { return !jobs_.empty() || stopped_; });
    if (jobs_.empty() && stopped_) return std::nullopt;
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, jobs_.size()));
    std::vector<Job> batch(
        std::make_move_iterator(jobs_.begin()), std::make_move_iterator(jobs_.begin() + count)
    );
    jobs_.erase(jobs_.begin(), jobs_.begin() + count);
    return batch;
  }

  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return jobs_.size();
  }

  void stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    queued_.notify_all();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::vector<Job> jobs_;
  bool stopped_ = false;
};

} // namespace tessera
