#include "tools/tessera/account_replay.hpp"

#include "actors/domain/ledger_check.hpp"
#include "actors/domain/ledger_format.hpp"
#include "actors/support/sha256.hpp"

#include <algorithm>

namespace tessera::cli {

using persistence::scanned_balance;
using persistence::scanned_entry;
using persistence::scanned_lot;

std::string account_replay::hash_flaw(const account_event& event) const {
  static const digest before_the_first{};
  const auto& previous = account_ ? account_->head : before_the_first;
  std::string bytes;
  append_canonical(bytes, event);
  const std::string_view head(reinterpret_cast<const char*>(previous.data()), previous.size());
  return sha256::local()(head, bytes) == event.booked.hash ? "" : "the hash does not match";
}

/// The transaction's id is in no hash. It rises along an account, and it is the one that wrote the row. A
/// restored dump has rows of another writer, but only before all others: another server numbered them, and
/// one of the numbers may happen to be that of the restore, which wrote the rows beside it, too.
std::string account_replay::writing_flaw(const scanned_entry& next) {
  const bool restored_together = !next.is_as_inserted && next.writer == last_writer_;
  const bool before_was_inserted = as_inserted_ && !restored_together;
  if (before_was_inserted && !next.is_as_inserted) return "the row was written again after it was inserted";
  if (before_was_inserted && next.txid < last_txid_) return "txid goes back";
  last_txid_ = next.txid;
  last_writer_ = next.writer;
  as_inserted_ = next.is_as_inserted;
  return "";
}

std::string account_replay::note_lots(const std::vector<scanned_lot>& opened, std::uint64_t seq) {
  for (const auto& each : opened) {
    if (seq <= balance_seq_ && each.row.free + each.row.held > credits{}) {
      left_.push_back(each.row);
      left_.back().amount += each.added;
    }
    if (each.reopened_seq) said_to_be_[each.row.id] = static_cast<std::uint64_t>(*each.reopened_seq);
    if (each.added > credits{}) raised_[each.row.id] = each.row.amount + each.added;
    if (seq > balance_seq_ && (each.row.free != each.row.amount || each.row.held != credits{}))
      return "a lot that the snapshot does not cover has other units than it was opened with";
    (each.closed ? closed_ : open_).insert(each.row.id);
  }
  return "";
}

std::vector<lot_id> account_replay::forgotten_by(const scanned_entry& next) const {
  std::vector<lot_id> forgotten;
  if (!account_ || !next.readable || next.booked.type != entry_type::reverse) return forgotten;
  for (const auto& part : next.booked.slices)
    if (std::ranges::find(account_->lots, part.lot, &lot::id) == account_->lots.end())
      forgotten.push_back(part.lot);
  return forgotten;
}

/// As they were opened, but empty: it was an entry before this one that did so.
std::string account_replay::reopen(account_event& event, const std::vector<scanned_lot>& rows) {
  for (const auto& each : rows) {
    if (!each.readable) return "a column of a lot holds what can't be there";
    if (each.opened_seq >= static_cast<std::int64_t>(event.booked.seq)) return "a lot that is not there yet";
    auto again = each.row;
    again.free = again.held = credits{};
    if (!each.closed) open_.insert(again.id);
    event.reopened.push_back(std::move(again));
  }
  if (event.booked.type == entry_type::reverse && event.booked.seq > balance_seq_)
    for (const auto& part : event.booked.slices)
      given_back_to_[part.lot] = event.booked.seq;
  return "";
}

/// An expiry closes its lots, in the same round.
std::string account_replay::close_lots(const entry& booked) {
  if (booked.type != entry_type::expire) return "";
  for (const auto& part : booked.slices)
    if (open_.contains(part.lot)) return "an expired lot is not closed";
  for (const auto& part : booked.slices)
    closed_.erase(part.lot);
  return "";
}

std::string account_replay::take(
    const scanned_entry& next, std::vector<scanned_lot> opened, const std::vector<scanned_lot>& reopened
) {
  if (!next.readable) return "a column holds what can't be there";
  account_event event{next.booked, {}, {}};
  for (std::size_t i = 0; i < opened.size(); ++i) {
    auto& row = opened[i];
    if (!row.readable) return "a column of a lot holds what can't be there";
    if (row.tenant != next.booked.tenant) return "a lot of another tenant";
    if (row.position != static_cast<std::int16_t>(i)) return "a gap in the positions of lots";
    auto lot = row.row;
    lot.free = lot.amount;
    lot.held = credits{};
    event.opened.push_back(std::move(lot));
  }
  if (auto flaw = reopen(event, reopened); !flaw.empty()) return flaw;
  if (auto flaw = hash_flaw(event); !flaw.empty()) return flaw;
  static const credit_account nothing{};
  if (auto flaw = flaw_of(account_ ? *account_ : nothing, event); !flaw.empty()) return std::string(flaw);
  if (auto flaw = writing_flaw(next); !flaw.empty()) return flaw;
  if (auto flaw = note_lots(opened, next.seq); !flaw.empty()) return flaw;
  if (auto flaw = close_lots(event.booked); !flaw.empty()) return flaw;
  if (!account_) account_.emplace();
  evolve(*account_, event);
  forget_lots();
  return "";
}

/// What nothing more can be asked about.
void account_replay::forget_lots() {
  const auto live = [this](const lot_id& id) {
    return std::ranges::find(account_->lots, id, [](const lot& each) { return each.id; });
  };
  if (open_.size() > account_->lots.size())
    std::erase_if(open_, [&](const lot_id& id) { return live(id) == account_->lots.end(); });
  std::erase_if(raised_, [&](const auto& each) {
    const auto found = live(each.first);
    return found != account_->lots.end() && found->amount >= each.second;
  });
}

std::string account_replay::compare(const account_snapshot& kept) const {
  return std::string(flaw_of(*account_, kept));
}

std::string account_replay::compare(const scanned_balance& balance) {
  auto snapshot = balance.snapshot;
  snapshot.lots = left_;
  if (balance.total != snapshot.totals.now.total()) return "total_credits is not the sum";
  const auto is_named = [](const open_hold& hold, std::int64_t seq) {
    return hold.seq == static_cast<std::uint64_t>(seq);
  };
  if (!std::ranges::equal(snapshot.holds, balance.open_hold_seqs, is_named))
    return "open_hold_seqs are not those of open_holds";
  return compare(snapshot);
}

std::string account_replay::finish() const {
  if (!raised_.empty()) return "a lot says that more was added than arrived";
  if (given_back_to_ != said_to_be_) return "a lot does not say which entry gave units back to it";
  return closed_.empty() ? "" : "a lot is closed that no entry has expired";
}

} // namespace tessera::cli
