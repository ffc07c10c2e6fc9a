#include "actors/account/account.hpp"

#include <caf/delegated.hpp>
#include <spdlog/spdlog.h>

#include <exception>

namespace tessera {

namespace {

/// CAF would end the actor on an exception and lose its waiters silently.
template <class Handler> void guarded(account_state& state, Handler handle) {
  try {
    handle();
  } catch (const std::exception& why) {
    spdlog::error("account: {}", why.what());
    state.retire();
  }
}

template <class Answer, class Message> auto answering(account_state& state) {
  return [&state](const Message& message) -> caf::result<result<Answer>> {
    guarded(state, [&] { state.handle(message); });
    return caf::delegated<result<Answer>>{}; // the state answers, or the journal for it
  };
}

template <class Message> auto hearing(account_state& state) {
  return [&state](Message& message) { guarded(state, [&] { state.handle(message); }); };
}

} // namespace

account_actor::behavior_type account(
    account_actor::stateful_pointer<account_state> self, account_id id, account_environment* environment
) {
  auto& state = self->state;
  state.start(id, *environment);
  return {
      answering<consume_receipt, consume_credits>(state),
      answering<consumed_batch, consume_batch>(state),
      answering<atomic_receipt, consume_atomically>(state),
      answering<allocation_receipt, allocate_credits>(state),
      answering<hold_receipt, hold_credits>(state),
      answering<hold_receipt, capture_hold>(state),
      answering<hold_receipt, release_hold>(state),
      answering<reversal_receipt, reverse_spend>(state),
      answering<freeze_receipt, change_freeze>(state),
      answering<simulation, simulate_command>(state),
      answering<balance_view, balance_query>(state),
      answering<inbox_absorbed, absorb_inbox>(state),
      answering<expiry_booked, expire_lots>(state),
      hearing<const passivate>(state),
      hearing<const save_snapshot>(state),
      hearing<const catch_up>(state),
      hearing<account_loaded>(state),
      hearing<inbox_loaded>(state),
      hearing<const round_refused>(state),
      hearing<const keys_looked_up>(state),
  };
}

} // namespace tessera
