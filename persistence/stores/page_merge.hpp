#pragma once

#include "persistence/stores/entry_streams.hpp"

namespace tessera::persistence {

/// Merges streams of entries to a page without more than `most_scanned` being looked at. Decides what is
/// looked at next; whoever has it asked goes and looks:
///
///   while (!merge.settled()) merge.take(scan(in, query, merge.choose()));
///
/// Each choice goes deeper into the streams that are known the least far, for those decide the *horizon*: the
/// position up to which all streams have been looked at. Nothing behind it may be shown, since an entry that
/// belongs before may still turn up.
class page_merge {
public:
  page_merge(const list_transactions& query, std::vector<entry_stream> streams);

  /// Nothing that is still to be looked at could change the page, or it has been enough.
  bool settled() const;
  std::vector<seq_range> choose();
  /// What `scan` found in the ranges that were chosen last.
  void take(std::vector<streamed_entry> found);

  /// Ends at the horizon when it is not full. That is behind the cursor: whoever follows the pages gets on.
  transaction_page page() const;

private:
  struct stream {
    entry_stream of;
    ledger_position known; // its entries up to here have been looked at
    std::int64_t step = 0; // how many of it are looked at next
    bool open = true;      // there are more
  };

  bool before(const ledger_position& a, const ledger_position& b) const;
  bool matters(const stream& each) const;
  seq_range advance(stream& of);
  std::optional<ledger_position> horizon() const;

  const list_transactions& query_;
  std::vector<stream> streams_;
  std::optional<ledger_position> first_; // the first entry of all
  std::vector<std::size_t> chosen_;      // places in streams_
  std::vector<transaction> found_;       // in the page's order, one more than it has places at most
  std::int64_t budget_;
  std::size_t width_; // how many streams are looked at next
};

} // namespace tessera::persistence
