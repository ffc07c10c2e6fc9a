#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/freezes.hpp"

namespace tessera {

/// Freezes the account, or thaws it; writes nothing of its own when it is so already. Never rejects.
decided decide(const credit_account& account, const change_freeze& command, time_point now);

} // namespace tessera
