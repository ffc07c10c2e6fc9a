#pragma once

#include "messages/entries.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Reading the ledger.
namespace tessera {

/// One page of an account's entries, newest first, without the genesis entry. Entries of other applications
/// are left out; entity-level entries always show. Answered by result<transaction_page>.
struct list_transactions {
  tenant_id tenant;
  account_id account;
  std::string application;
  std::optional<std::uint64_t> before_seq; // the cursor: entries with a lower seq
  int limit = 50;
};
struct transaction_page {
  std::vector<entry> entries;
  std::optional<std::uint64_t> next_before; // nothing: that was the last page
};

} // namespace tessera
