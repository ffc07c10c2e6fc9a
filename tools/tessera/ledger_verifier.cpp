#include "tools/tessera/ledger_verifier.hpp"

#include "tools/tessera/account_replay.hpp"

#include <algorithm>
#include <utility>

namespace tessera::cli {

namespace {

constexpr std::size_t most_flaws = 100;

/// All streams of a range, merged by account.
class ledger_walk {
public:
  ledger_walk(pg::connection& session, const persistence::scan_range& range)
      : session_(session), entities_(persistence::scan_entities(session, range)),
        entries_(persistence::scan_entries(session, range)), lots_(persistence::scan_lots(session, range)),
        balances_(persistence::scan_balances(session, range)),
        kept_(persistence::scan_kept_snapshots(session, range)) {}

  void run(verification& into) {
    while (const auto account = next_account()) {
      ++into.accounts;
      account_ = *account;
      ledger_flaw flaw{.account = *account, .tenant = {}, .entity = {}, .seq = {}, .what = {}};
      name(flaw);
      walk(flaw, into);
      skip(into);
      if (!flaw.what.empty()) into.add(std::move(flaw));
    }
  }

private:
  std::optional<account_id> next_account() {
    std::optional<account_id> least;
    const auto consider = [&](const auto* row) {
      if (row && (!least || row->account < *least)) least = row->account;
    };
    consider(entities_.peek());
    consider(entries_.peek());
    consider(lots_.peek());
    consider(balances_.peek());
    consider(kept_.peek());
    return least;
  }

  template <class Stream> auto here(Stream& stream) {
    const auto* row = stream.peek();
    return row && row->account == account_ ? row : nullptr;
  }

  /// An account has an entity, which names it.
  void name(ledger_flaw& flaw) {
    if (!here(entities_)) {
      flaw.what = "the account has no entity";
      return;
    }
    auto entity = entities_.take();
    flaw.tenant = std::move(entity.tenant_name);
    flaw.entity = std::move(entity.ref);
    tenant_ = entity.tenant;
  }

  /// Replays the account up to its first flaw.
  void walk(ledger_flaw& flaw, verification& into) {
    account_replay replay;
    const auto found = [&](std::string what, std::optional<std::uint64_t> seq) {
      if (what.empty() || !flaw.what.empty()) return !flaw.what.empty();
      flaw.what = std::move(what);
      flaw.seq = seq;
      return true;
    };
    const auto balance = here(balances_) ? std::optional(balances_.take()) : std::nullopt;
    if (balance) replay.expect_balance_at(balance->snapshot.seq);
    while (here(entries_)) {
      const auto next = entries_.take();
      ++into.entries;
      if (next.readable && next.booked.tenant != tenant_ && found("entry of another tenant", next.seq))
        return;
      if (lot_before(next.seq) && found("a lot without the entry that opened it", seq_of_lot())) return;
      if (found(replay.take(next, lots_of(next.seq, into), forgotten_by(replay, next)), next.seq)) return;
      if (balance && balance->snapshot.seq == next.seq && found(replay.compare(*balance), next.seq)) return;
      while (here(kept_) && here(kept_)->kept.seq <= next.seq)
        if (const auto kept = kept_.take(); found(compare_kept(replay, kept.kept, next.seq), kept.kept.seq))
          return;
    }
    if (!replay.seq() && found("the account has no entries", {})) return;
    if (here(lots_) && found("a lot without the entry that opened it", seq_of_lot())) return;
    if (!balance && found("the account has no snapshot", {})) return;
    if (balance && balance->snapshot.seq > *replay.seq() &&
        found("entries are missing at the end", *replay.seq() + 1))
      return;
    if (here(kept_) && found("entries are missing at the end", *replay.seq() + 1)) return;
    found(replay.finish(), {});
  }

  static std::string
  compare_kept(const account_replay& replay, const account_snapshot& kept, std::uint64_t seq) {
    return kept.seq == seq ? replay.compare(kept) : "a kept snapshot of no entry";
  }

  bool lot_before(std::uint64_t seq) {
    const auto* lot = here(lots_);
    return lot && lot->opened_seq < static_cast<std::int64_t>(seq);
  }
  std::optional<std::uint64_t> seq_of_lot() { return static_cast<std::uint64_t>(here(lots_)->opened_seq); }

  std::vector<persistence::scanned_lot> lots_of(std::uint64_t seq, verification& into) {
    std::vector<persistence::scanned_lot> opened;
    while (here(lots_) && here(lots_)->opened_seq == static_cast<std::int64_t>(seq)) {
      opened.push_back(lots_.take());
      ++into.lots;
    }
    return opened;
  }

  /// Reversals are few: each may ask.
  std::vector<persistence::scanned_lot>
  forgotten_by(const account_replay& replay, const persistence::scanned_entry& next) {
    const auto lots = replay.forgotten_by(next);
    if (lots.empty()) return {};
    return persistence::scan_lots_named(session_, account_, lots);
  }

  /// What comes after a flaw is counted, not judged.
  void skip(verification& into) {
    for (; here(entries_); entries_.take())
      ++into.entries;
    for (; here(lots_); lots_.take())
      ++into.lots;
    while (here(kept_))
      kept_.take();
    while (here(balances_))
      balances_.take();
  }

  pg::connection& session_;
  persistence::row_stream<persistence::scanned_entity> entities_;
  persistence::row_stream<persistence::scanned_entry> entries_;
  persistence::row_stream<persistence::scanned_lot> lots_;
  persistence::row_stream<persistence::scanned_balance> balances_;
  persistence::row_stream<persistence::scanned_snapshot> kept_;
  account_id account_;
  tenant_id tenant_;
};

} // namespace

void verification::add(ledger_flaw flaw) {
  ++flaw_count;
  if (flaws.size() < most_flaws) flaws.push_back(std::move(flaw));
}

verification verify_ledger(pg::connection& session, const persistence::scan_range& range) {
  constexpr std::chrono::seconds limit{10};
  verification done;
  session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", limit);
  ledger_walk(session, range).run(done);
  verify_between_accounts(session, range, done);
  session.execute("COMMIT", limit);
  return done;
}

} // namespace tessera::cli
