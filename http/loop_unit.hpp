#pragma once

#include "http/server/server.hpp"

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <vector>

namespace tessera::http {

/// Runs actors on an io loop: an account that a request wakes up runs on the thread that read the request,
/// instead of on a worker that must be woken first (docs/decisions/0006). Messages from elsewhere still run
/// on CAF's workers; an actor is only ever in one place. Used on the loop only.
class loop_unit final : public caf::execution_unit {
public:
  loop_unit(caf::actor_system& system, io_loop& loop) : caf::execution_unit(&system), loop_(loop) {}

  /// Takes over a reference to the job.
  void exec_later(caf::resumable* job) override;

private:
  void run();

  io_loop& loop_;
  std::vector<caf::resumable*> ready_;
  bool posted_ = false;
};

} // namespace tessera::http
