#pragma once

#include "actors/support/supervisor.hpp"

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace tessera {

/// Something that is done a portion at a time.
class portioned_work {
public:
  virtual ~portioned_work() = default;
  /// False: nothing is left for now. Throws when it can't go on: it is made anew then.
  virtual bool step() = 0;
};

struct worker_state {
  std::unique_ptr<portioned_work> work;
};

/// Does the work whenever `work_due` says that there may be some, and by itself every now and then: what it
/// was not told of waits no longer than `sweep`. Blocks: for a detached actor below a supervisor.
caf::behavior worker(
    caf::stateful_actor<worker_state>* self,
    std::function<std::unique_ptr<portioned_work>()> make,
    std::chrono::milliseconds sweep
);

} // namespace tessera
