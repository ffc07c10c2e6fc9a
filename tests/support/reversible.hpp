#pragma once

#include "messages/reversals.hpp"
#include "tests/support/memory_journal_store.hpp"

namespace tessera::test {

/// A spend as these entries have it, which is what a reversal begins with: all of the account's, or at least
/// those that concern it.
reversible_spend read_spend(const std::vector<account_event>& events, std::uint64_t seq);
reversible_spend read_spend(const memory_ledger& ledger, const account_id& account, std::uint64_t seq);

/// Takes `amount` of it back, or all that is left.
reverse_spend reversal_of(const reversible_spend& spend, std::optional<std::int64_t> amount = {});

} // namespace tessera::test
