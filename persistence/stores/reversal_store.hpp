#pragma once

#include "messages/reversals.hpp"
#include "persistence/pg/connection.hpp"

/// What of a spend can be reversed (decision 0041). Inside a transaction of the tenant; throws pg::error when
/// the database fails.
namespace tessera::persistence {

/// What was reversed and `as_of` are of one instant; what else it says never changes. Rejections:
/// transaction_unknown, nothing_to_reverse (it is neither a spend nor a capture).
result<reversible_spend> find_reversible(pg::transaction& in, const reversible_query& query);

} // namespace tessera::persistence
