#pragma once

#include "messages/journal.hpp"
#include "messages/types/entity.hpp"
#include "persistence/pg/connection.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Reading the whole ledger in the order of its accounts, page by page, without believing it. Inside a
/// transaction with one snapshot of the database, as tessera_writer or the owner. Everything throws pg::error
/// when the database fails.
namespace tessera::persistence {

struct scan_range {
  account_id first;                // both inclusive
  account_id last;                 // both inclusive
  std::optional<tenant_id> tenant; // nothing: all
};

struct scanned_entity {
  account_id account;
  tenant_id tenant;
  std::string tenant_name; // its id for callers
  entity_ref ref;
};
struct scanned_entry {
  account_id account;
  bool readable = false; // false: a column holds what can't be there, and `booked` is empty
  entry booked;
  std::uint64_t seq = 0;
  std::uint64_t txid = 0;
  std::uint64_t writer = 0;    // the transaction that wrote the row, modulo 2^32
  bool is_as_inserted = false; // the row was written by the transaction that its txid names
};
struct scanned_lot {
  account_id account;
  tenant_id tenant;
  bool readable = false;
  lot row;       // free and held as of the account's snapshot
  credits added; // by equal lots that arrived later, as of the snapshot
  std::int64_t opened_seq = 0;
  std::int16_t position = 0;
  bool closed = false;
  std::optional<std::int64_t>
      reopened_seq; // of the entry that last gave units back, while no snapshot has them
};
struct scanned_balance {
  account_id account;
  account_snapshot snapshot; // without lots
  credits total;
  std::vector<std::int64_t> open_hold_seqs; // of the holds, once more
};
struct scanned_snapshot {
  account_id account;
  account_snapshot kept; // its lots have id, free, held and amount only
};

/// A sequence of rows that is fetched a page at a time.
template <class Row> class row_stream {
public:
  /// The next page after a row; after nothing, the first. Empty: that was all.
  using fetch = std::function<std::vector<Row>(const std::optional<Row>& last)>;

  explicit row_stream(fetch next) : fetch_(std::move(next)) {}

  /// The next row, or null at the end.
  const Row* peek() {
    if (at_ == page_.size() && !ended_) {
      if (!page_.empty()) last_ = std::move(page_.back());
      page_ = fetch_(last_);
      at_ = 0;
      ended_ = page_.empty();
    }
    return ended_ ? nullptr : &page_[at_];
  }
  /// Takes the row that `peek` shows.
  Row take() {
    // The last row of a page stays: the next page begins after it.
    return at_ + 1 == page_.size() ? page_[at_++] : std::move(page_[at_++]);
  }

private:
  fetch fetch_;
  std::vector<Row> page_;
  std::optional<Row> last_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

row_stream<scanned_entity> scan_entities(pg::connection& session, const scan_range& range);
row_stream<scanned_entry> scan_entries(pg::connection& session, const scan_range& range);
row_stream<scanned_lot> scan_lots(pg::connection& session, const scan_range& range);
/// Those of the lots that the account has ever had.
std::vector<scanned_lot>
scan_lots_named(pg::connection& session, const account_id& account, const std::vector<lot_id>& lots);
row_stream<scanned_balance> scan_balances(pg::connection& session, const scan_range& range);
row_stream<scanned_snapshot> scan_kept_snapshots(pg::connection& session, const scan_range& range);

} // namespace tessera::persistence
