#pragma once

#include "messages/entries.hpp"
#include "messages/tree_part.hpp"
#include "messages/types/entity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Reading the ledger.
namespace tessera {

/// Whose entries.
struct ledger_part {
  tenant_id tenant;
  tree_parts parts; // none: nobody's
};

/// Of which applications; entries of no application are a matter of their own.
struct ledger_applications {
  std::vector<std::string> named;
  bool every = false; // that the tenant has or had, whatever is named
};

/// Where a page ended. (booked_at, account) names one entry: within an account the time rises strictly.
struct ledger_position {
  time_point booked_at;
  account_id account;

  friend bool operator==(const ledger_position&, const ledger_position&) = default;
};

/// One page of the entries of a part of the tree, in the order of (booked_at, account), without genesis
/// entries. Of other applications nothing shows. Answered by result<transaction_page>.
///
/// A page is bounded work: it may end before it is full, even empty, and only one without `next` is the last.
///
/// Whoever follows the pages meets every entry that was committed before the first page, and none twice.
/// Entries that become durable meanwhile show only where the pages have not been yet.
struct list_transactions {
  ledger_part of;
  ledger_applications applications;
  bool entity_level = true; // the entries of no application, too
  std::optional<entry_type> type;
  std::optional<time_point> from; // booked at or after
  std::optional<time_point> to;   // booked before
  bool oldest_first = false;
  std::optional<ledger_position> after; // where the page before ended
  /// Oldest first only: entries booked later than this are left out, so that the pages come to an end while
  /// others go on writing. The first page finds it.
  std::optional<time_point> newest;
  int limit = 50;            // entries
  int most_scanned = 10'000; // entries that may be looked at to find them, those of others included
};

struct transaction {
  entry booked;
  entity_ref entity;
  std::string reason = {}; // of a grant, as whoever gave it said
};

struct transaction_page {
  std::vector<transaction> transactions;
  std::optional<ledger_position> next; // nothing: that was the last page
  std::optional<time_point> newest;    // of the whole, for the next page
};

} // namespace tessera
