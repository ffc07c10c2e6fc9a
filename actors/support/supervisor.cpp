#include "actors/support/supervisor.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace tessera {

/// The child of that number is made again.
struct restart_child {
  std::size_t which = 0;
};

} // namespace tessera

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::restart_child)

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

void start_child(caf::stateful_actor<supervisor_state>* self, std::size_t which) {
  auto& child = self->state.children[which];
  child.now = child.how.make();
  child.since = steady::now();
  self->monitor(child.now);
}

void quit_when_alone(caf::stateful_actor<supervisor_state>* self) {
  const auto& children = self->state.children;
  if (std::none_of(children.begin(), children.end(), [](const auto& child) { return bool(child.now); }))
    self->quit(caf::exit_reason::user_shutdown);
}

void hear_of_end(
    caf::stateful_actor<supervisor_state>* self, const caf::down_msg& end, const restart_policy& policy
) {
  auto& children = self->state.children;
  const auto found = std::find_if(children.begin(), children.end(), [&](const auto& child) {
    return child.now && child.now.address() == end.source;
  });
  if (found == children.end()) return;
  if (self->state.ending) {
    found->now = {};
    return quit_when_alone(self);
  }
  const bool was_calm = steady::now() - found->since > policy.calm;
  found->delay =
      was_calm || found->delay.count() == 0 ? policy.first : std::min(found->delay * 2, policy.longest);
  found->now = {};
  spdlog::warn("{} has ended and is made again in {} ms", found->how.name, found->delay.count());
  self->delayed_send(self, found->delay, restart_child{static_cast<std::size_t>(found - children.begin())});
}

} // namespace

caf::behavior supervisor(
    caf::stateful_actor<supervisor_state>* self, std::vector<supervised> children, restart_policy policy
) {
  for (auto& each : children)
    self->state.children.push_back({std::move(each), {}, {}, {}});
  for (std::size_t i = 0; i < self->state.children.size(); ++i)
    start_child(self, i);
  self->set_down_handler([self, policy](const caf::down_msg& end) { hear_of_end(self, end, policy); });
  self->set_exit_handler([self](const caf::exit_msg& end) {
    self->state.ending = true;
    for (const auto& child : self->state.children)
      if (child.now) self->send_exit(child.now, end.reason);
    quit_when_alone(self);
  });
  return {
      [self](const work_due& due) {
        for (const auto& child : self->state.children)
          if (child.now) self->send(child.now, due);
      },
      [self](const restart_child& again) {
        if (!self->state.ending) start_child(self, again.which);
      },
  };
}

} // namespace tessera
