#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/simulations.hpp"

namespace tessera {

/// What the command would do to the account, by the decisions that real ones go through.
result<simulation> simulate(const credit_account& account, const simulated_command& command, time_point now);

} // namespace tessera
