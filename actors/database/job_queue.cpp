#include "actors/database/job_queue.hpp"

#include <utility>

namespace tessera {

bool job_queue::push(job work, job_weight weight, std::size_t limit) {
  std::lock_guard lock(mutex_);
  auto& waiting = weight == job_weight::heavy ? heavy_ : light_;
  if (waiting.size() >= limit) return false;
  waiting.push_back({++last_number_, std::move(work)});
  changed_.notify_one();
  return true;
}

job_weight job_queue::next_weight() const {
  if (light_.empty()) return job_weight::heavy;
  return may_run_heavy() && heavy_.front().number < light_.front().number ? job_weight::heavy
                                                                          : job_weight::light;
}

bool job_queue::run_next(pg::connection& session) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !light_.empty() || may_run_heavy() || (stopped_ && heavy_.empty()); });
  if (light_.empty() && heavy_.empty()) return false;
  const bool heavy = next_weight() == job_weight::heavy;
  auto& waiting = heavy ? heavy_ : light_;
  const auto work = std::move(waiting.front().work);
  waiting.pop_front();
  running_heavy_ += heavy ? 1 : 0;
  lock.unlock();
  work(session);
  lock.lock();
  running_heavy_ -= heavy ? 1 : 0;
  if (heavy) changed_.notify_all(); // another heavy one may run, or nothing is left
  return true;
}

void job_queue::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

} // namespace tessera
