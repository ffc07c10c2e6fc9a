#pragma once

#include "messages/accounts.hpp"
#include "messages/balances.hpp"
#include "persistence/pg/connection.hpp"

namespace tessera {

/// Folds the ledger up to the instant, from the last kept snapshot before it. Reading stops at `until`:
/// overloaded. Throws pg::error when the database fails.
result<balance_view> balance_at(pg::transaction& in, const past_balance_query& query, deadline until);

} // namespace tessera
