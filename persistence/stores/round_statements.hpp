#pragma once

#include "messages/journal.hpp"
#include "persistence/pg/connection.hpp"
#include "persistence/stores/proven_heads.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A round as SQL statements of one segment.
namespace tessera::persistence {

/// What follows a proven head is not checked again.
std::vector<pg::statement> statements_of(
    std::span<const write_set* const> round, const node_incarnation& writer, const proven_heads& proven
);

/// $1 accounts, $2 seqs: what the first entry of each account was built on.
pg::parameters heads_of(std::span<const write_set* const> round);
std::vector<uuid> keys_of(std::span<const write_set* const> round);
/// Accounts whose write sets absorb or refuse inbox rows.
std::vector<account_id> absorbing_accounts(std::span<const write_set* const> round);
/// The comma-separated uuids in the detail of TS001.
std::vector<account_id> accounts_in(std::string_view detail);

/// PostgreSQL's text form of a text[]: the elements are ids, so quoting them is enough.
std::string array_literal(const std::vector<std::string>& elements);

/// The stored form of slices: 24 bytes each.
std::string pack_slices(const std::vector<slice>& slices);
std::vector<slice> unpack_slices(std::string_view bytes);

} // namespace tessera::persistence
