#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace tessera {

/// Somebody has something to do for whoever hears it.
struct work_due {};

/// A child of a supervisor: how it is made, again and again.
struct supervised {
  std::string name;
  std::function<caf::actor()> make;
};

struct restart_policy {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds longest{5'000};
  std::chrono::milliseconds calm{30'000}; // whoever lived that long begins with `first` again
};

struct supervisor_state {
  struct child {
    supervised how;
    caf::actor now; // null: it is down, and will be made
    std::chrono::milliseconds delay{};
    std::chrono::steady_clock::time_point since;
  };
  std::vector<child> children;
  bool ending = false;
};

/// Makes its children, and makes one that has ended anew, later each time. Passes `work_due` on to all. Told
/// to end, it ends them and is over when they are.
caf::behavior supervisor(
    caf::stateful_actor<supervisor_state>* self, std::vector<supervised> children, restart_policy policy
);

} // namespace tessera

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::work_due)
