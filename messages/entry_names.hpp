#pragma once

#include "messages/accounts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How entries are named outside: `<what>-<account without dashes>-<seq>`. Whoever has the name finds the
/// account without asking anybody.
namespace tessera {

/// A transaction is an entry.
std::string transaction_id_of(const entry_place& booked);
/// Nothing when it is the name of no transaction.
std::optional<entry_place> parse_transaction_id(std::string_view text);

/// A hold is named by the entry that opened it.
std::string hold_id_of(const entry_place& opened);
/// Nothing when it is the name of no hold.
std::optional<entry_place> parse_hold_id(std::string_view text);

/// The seq in the name of a hold, wherever the account is known; 0: it is none.
std::uint64_t seq_of_hold(std::string_view name);

} // namespace tessera
