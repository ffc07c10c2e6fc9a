#pragma once

#include "messages/journal.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <vector>

/// An account's ledger from any point on. Inside a transaction of the tenant; throws pg::error when the
/// database fails.
namespace tessera::persistence {

/// The newest kept snapshot that was booked at `at` or earlier; nothing: fold from the genesis entry.
std::optional<account_snapshot>
kept_snapshot_at(pg::transaction& in, const account_id& account, time_point at);

/// The next `limit` entries after `seq`, or from the genesis entry on, with the lots that they opened.
std::vector<account_event>
events_after(pg::transaction& in, const account_id& account, std::optional<std::uint64_t> seq, int limit);

} // namespace tessera::persistence
