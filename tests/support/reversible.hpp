#pragma once

#include "messages/reversals.hpp"
#include "tests/support/memory_journal_store.hpp"

namespace tessera::test {

/// A spend as the ledger has it now, which is what a reversal begins with.
reversible_spend read_spend(const memory_ledger& ledger, const account_id& account, std::uint64_t seq);

/// Takes `amount` of it back, or all that is left.
reverse_spend reversal_of(const reversible_spend& spend, std::optional<std::int64_t> amount = {});

} // namespace tessera::test
