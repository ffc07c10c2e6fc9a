#pragma once

#include "actors/account/account_state.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace tessera {

/// The behaviour of an account actor: one message, one call.
account_actor::behavior_type
account(account_actor::stateful_pointer<account_state> self, account_id id, account_environment* environment);

} // namespace tessera
