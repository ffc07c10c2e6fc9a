#pragma once

#include "messages/journal.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The tables of the ledger as they were found, one account at a time.
namespace tessera::test {

/// A row of credit_balances.
struct snapshot_row {
  std::int64_t seq = 0;
  digest head{};
  balances now;
};

/// A row of credit_lots; free and held are as of the snapshot.
struct lot_row {
  lot terms; // seq: of the entry that opened it
  bool closed = false;
};

/// A row of credit_inbox.
struct inbox_row {
  lot_id opens; // of a purchase
  credits units;
  std::string reference;
  std::optional<std::int64_t> absorbed_seq;
  std::optional<std::string> refused_code;
  bool is_transfer = false; // from another account: the reference is an allocation
};

struct account_rows {
  account_id account;
  std::vector<entry> entries; // seq rising
  std::optional<snapshot_row> snapshot;
  std::vector<lot_row> lots; // in the order in which they were opened
  std::vector<inbox_row> inbox;
};

using ledger = std::vector<account_rows>;

/// A ledger that is read account by account, so that only one is in memory.
struct ledger_source {
  std::size_t accounts = 0;
  std::function<account_rows(std::size_t)> load;
};

} // namespace tessera::test
