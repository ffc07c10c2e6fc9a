#pragma once

#include "actors/domain/credit_account.hpp"

#include <string_view>

namespace tessera {

/// What is wrong with an entry that claims to follow `before`; empty when `evolve` may take it. For ledgers
/// that are not believed: `evolve` itself relies on what is checked here. The hash is the caller's to check.
std::string_view flaw_of(const credit_account& before, const account_event& next);

/// What is wrong with a snapshot that claims to be this account; empty when they agree in every figure and
/// lot.
std::string_view flaw_of(const credit_account& account, const account_snapshot& snapshot);

} // namespace tessera
