#include "http/loop_unit.hpp"

#include <utility>

namespace tessera::http {

namespace {

// Messages of one account before the next one runs, as for CAF's own workers.
constexpr std::size_t max_throughput = 50;

} // namespace

void loop_unit::exec_later(caf::resumable* job) {
  ready_.push_back(job);
  if (!std::exchange(posted_, true)) loop_.post([this] { run(); });
}

void loop_unit::run() {
  posted_ = false;
  for (auto* job : std::exchange(ready_, {})) {
    if (job->resume(this, max_throughput) == caf::resumable::resume_later)
      exec_later(job);
    else
      caf::intrusive_ptr_release(job);
  }
}

} // namespace tessera::http
