#pragma once

#include "actors/support/supervisor.hpp"

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <atomic>
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
  bool goes_on = false; // the next portion is in the mailbox
};

struct worker_options {
  std::chrono::milliseconds sweep{2'000};
  /// Set by whoever sends `work_due`, and only then sent when it was not; cleared when it is heard. So there
  /// is one in the mailbox at most, however long a portion takes. Null: nobody minds.
  std::shared_ptr<std::atomic<bool>> told;
};

/// Does the work whenever `work_due` says that there may be some, and by itself every now and then: what it
/// was not told of waits no longer than `sweep`. Blocks: for a detached actor below a supervisor.
caf::behavior worker(
    caf::stateful_actor<worker_state>* self,
    std::function<std::unique_ptr<portioned_work>()> make,
    worker_options options
);

} // namespace tessera
