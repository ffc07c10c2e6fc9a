#pragma once

#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "persistence/pg/connection.hpp"
#include "persistence/stores/ledger_scan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera::cli {

/// Something in the ledger that can't be.
struct ledger_flaw {
  account_id account;
  std::string tenant; // as callers name it; empty when the account has no entity
  entity_ref entity;
  std::optional<std::uint64_t> seq; // of the first wrong entry; nothing: not of one entry
  std::string what;
};

struct verification {
  std::uint64_t accounts = 0;
  std::uint64_t entries = 0;
  std::uint64_t lots = 0;
  std::uint64_t flaw_count = 0;
  std::vector<ledger_flaw> flaws; // the first of each account; not more than a hundred

  void add(ledger_flaw flaw);
};

/// Recomputes and replays every account of the range, and checks what holds between accounts. Memory is
/// bounded by the live lots of one account. One snapshot of the database, so a running service does not
/// disturb it. Throws pg::error when the database fails.
verification verify_ledger(pg::connection& session, const persistence::scan_range& range);

/// Inbox rows, keys and roots, by SQL; adds what it finds.
void verify_between_accounts(
    pg::connection& session, const persistence::scan_range& range, verification& into
);

} // namespace tessera::cli
