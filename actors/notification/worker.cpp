#include "actors/notification/worker.hpp"

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace tessera {

/// INTERNAL: it may be that nobody said that there is something to do.
struct sweep_due {};
/// INTERNAL: there is more.
struct next_portion {};

} // namespace tessera

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::sweep_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::next_portion)

namespace tessera {

caf::behavior worker(
    caf::stateful_actor<worker_state>* self,
    std::function<std::unique_ptr<portioned_work>()> make,
    worker_options options
) {
  // A portion a message: between two of them it hears that it is to end.
  const auto work = [self, make = std::move(make)] {
    try {
      if (!self->state.work) self->state.work = make();
      // One chain of portions, however often somebody says that there is something to do.
      if (!self->state.work->step() || self->state.goes_on) return;
      self->state.goes_on = true;
      self->send(self, next_portion{});
    } catch (const std::exception& why) {
      spdlog::warn("notifications: {}", why.what());
      self->quit(caf::exit_reason::unhandled_exception);
    }
  };
  self->send(self, sweep_due{});
  return {
      [self, work, told = options.told](const work_due&) {
        if (told) *told = false; // before it looks: what comes from now on is told again
        if (!self->state.goes_on) work();
      },
      [self, work](const next_portion&) {
        self->state.goes_on = false;
        work();
      },
      [self, work, sweep = options.sweep](const sweep_due&) {
        self->delayed_send(self, sweep, sweep_due{});
        if (!self->state.goes_on) work();
      },
  };
}

} // namespace tessera
