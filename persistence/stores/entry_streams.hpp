#pragma once

#include "messages/transactions.hpp"
#include "persistence/pg/connection.hpp"

#include <cstdint>
#include <vector>

namespace tessera::persistence {

/// The entries of one account that a page may have to look at, in the page's order. Within an account the
/// time rises strictly with seq, so a range of seq is a range of time.
struct entry_stream {
  account_id account;
  entity_ref entity;
  std::int64_t next = 0; // seq of the first that has not been looked at; there is an entry
  std::int64_t last = 0; // seq of the last; below `next` when newest is first
  time_point head;       // when `next` was booked
};

struct entry_streams {
  std::vector<entry_stream> streams;
  std::optional<time_point> newest; // the latest that any of them has
};

/// Those of the part that have entries between the page's bounds. A few probes for each account, and about 20
/// more where a bound cuts through a million entries.
entry_streams open_streams(pg::transaction& in, const list_transactions& query);

/// A piece of a stream, in the page's order, both ends inclusive.
struct seq_range {
  account_id account;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct streamed_entry {
  std::size_t range = 0; // its place among the ranges
  entry booked;
  bool shown = false; // false: the last of its range, which tells how far that goes
};

/// What the query shows of those ranges, and the last entry of each. In no order.
std::vector<streamed_entry>
scan(pg::transaction& in, const list_transactions& query, const std::vector<seq_range>& ranges);

} // namespace tessera::persistence
