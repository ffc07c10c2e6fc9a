// What would happen: see gateway.hpp.
#include "http/gateway_holding.hpp"

#include <utility>
#include <variant>

namespace tessera::http {

void gateway::simulate(simulated_command command, tenant_id tenant, callback<simulation> done) {
  const auto until = implementation_->limit();
  const auto account = std::visit([](const auto& asked) { return asked.account; }, command);
  std::optional<holding::subject> hold;
  if (const auto* capture = std::get_if<capture_hold>(&command)) hold = holding::which(*capture, tenant);
  if (const auto* release = std::get_if<release_hold>(&command)) hold = holding::which(*release, tenant);
  auto then = [this, until, hold, done = std::move(done)](result<simulation> told) {
    if (!hold || told.code() != errc::hold_not_open) return done(std::move(told));
    holding::tell_state(*implementation_, *hold, until, [done](const result<hold_view>& state) {
      done(state.why());
    });
  };
  implementation_->ask<simulation>(
      account,
      caf::make_message(simulate_command{account, std::move(command), until}),
      until,
      errc::database_unavailable, // nothing happens, whatever is lost
      callback<simulation>(std::move(then))
  );
}

} // namespace tessera::http
