// Taking back what a spend took: see gateway.hpp.
#include "actors/support/clock.hpp"
#include "actors/support/identifiers.hpp"
#include "http/gateway_implementation.hpp"
#include "http/reversing.hpp"

#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::reversible_spend>)

namespace tessera::http {

void gateway::reverse(reverse_spend command, reversible_query which, callback<reversal_receipt> done) {
  const auto until = implementation_->limit();
  if (command.regrants) command.regrant_lot = lot_id{make_uuid(implementation_->behind().time.now())};
  auto read = [this, until](reversible_query asked, callback<reversible_spend> then) {
    // Nothing has happened yet.
    implementation_->run<reversible_spend>(
        std::move(asked), until, errc::database_unavailable, std::move(then)
    );
  };
  auto decide = [this, until](reverse_spend asked, callback<reversal_receipt> then) {
    const auto account = asked.account;
    implementation_->ask<reversal_receipt>(
        account, caf::make_message(std::move(asked)), until, errc::outcome_unknown, std::move(then)
    );
  };
  std::make_shared<reversing<reversal_receipt>>(std::move(read), std::move(decide), until, std::move(done))
      ->start(std::move(command), std::move(which));
}

void gateway::simulate(reverse_spend command, reversible_query which, callback<simulation> done) {
  const auto until = implementation_->limit();
  const auto tenant = which.tenant;
  auto read = [this, until](reversible_query asked, callback<reversible_spend> then) {
    implementation_->run<reversible_spend>(
        std::move(asked), until, errc::database_unavailable, std::move(then)
    );
  };
  auto decide = [this, tenant](reverse_spend asked, callback<simulation> then) {
    simulate(simulated_command(std::move(asked)), tenant, std::move(then));
  };
  std::make_shared<reversing<simulation>>(std::move(read), std::move(decide), until, std::move(done))
      ->start(std::move(command), std::move(which));
}

} // namespace tessera::http
