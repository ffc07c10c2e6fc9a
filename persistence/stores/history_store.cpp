#include "persistence/stores/history_store.hpp"

#include "persistence/stores/entry_rows.hpp"

#include <algorithm>

namespace tessera::persistence {

namespace {

/// Terms never change: they may be read later than the entries.
void attach_all_reopened(pg::transaction& in, std::vector<account_event>& events) {
  std::vector<lot_id> ids;
  for (const auto& event : events)
    if (event.booked.type == entry_type::reverse)
      for (const auto& part : event.booked.slices)
        ids.push_back(part.lot);
  if (ids.empty()) return;
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const auto lots = in.execute(
      "SELECT " TESSERA_LOT_TERMS ", l.amount, l.free, l.held, " TESSERA_LOT_DAY
      " FROM credit_lots l WHERE l.lot_id = ANY ($1)",
      pg::parameters().add_array(pg::parameters::type::uuid, ids, [](const lot_id& id) { return id; })
  );
  for (int i = 0; i < lots.size(); ++i)
    attach_reopened(events, lot_at(lots, i).second);
}

} // namespace

std::optional<account_snapshot>
kept_snapshot_at(pg::transaction& in, const account_id& account, time_point at) {
  const auto found = in.execute(
      "SELECT " TESSERA_SNAPSHOT_COLUMNS " FROM credit_kept_snapshots"
      " WHERE account_id = $1 AND booked_at <= $2 ORDER BY seq DESC LIMIT 1",
      pg::parameters().add(account).add(at)
  );
  if (found.empty()) return std::nullopt;
  auto kept = snapshot_at(found, 0);
  const auto lots = in.execute(
      "SELECT " TESSERA_LOT_TERMS ", part.amount, part.free, part.held, " TESSERA_LOT_DAY
      " FROM credit_kept_snapshots k CROSS JOIN LATERAL unnest(k.lot_ids, k.frees, k.helds, k.amounts)"
      " AS part (lot_id, free, held, amount) JOIN credit_lots l ON l.lot_id = part.lot_id"
      " WHERE k.account_id = $1 AND k.seq = $2",
      pg::parameters().add(account).add(static_cast<std::int64_t>(kept.seq))
  );
  for (int i = 0; i < lots.size(); ++i)
    kept.lots.push_back(lot_at(lots, i).second);
  return kept;
}

std::vector<account_event>
events_after(pg::transaction& in, const account_id& account, std::optional<std::uint64_t> seq, int limit) {
  const auto after = seq ? static_cast<std::int64_t>(*seq) : -1;
  // Seqs have no gaps: a range bounds the work whatever plan is chosen, a LIMIT would only if the plan is
  // right.
  const auto entries = in.execute(
      "SELECT " TESSERA_ENTRY_COLUMNS " FROM credit_entries e"
      " WHERE e.account_id = $1 AND e.seq > $2 AND e.seq <= $2 + $3 ORDER BY e.seq",
      pg::parameters().add(account).add(after).add(std::int64_t{limit})
  );
  std::vector<account_event> events;
  for (int i = 0; i < entries.size(); ++i)
    events.push_back({entry_at(entries, i), {}, {}});
  if (events.empty()) return events;
  const auto lots = in.execute(
      "SELECT " TESSERA_LOT_TERMS ", l.amount, l.free, l.held, " TESSERA_LOT_DAY
      " FROM credit_lots l WHERE l.account_id = $1 AND l.opened_seq BETWEEN $2 AND $3"
      " ORDER BY l.opened_seq, l.position",
      pg::parameters()
          .add(account)
          .add(static_cast<std::int64_t>(events.front().booked.seq))
          .add(static_cast<std::int64_t>(events.back().booked.seq))
  );
  for (int i = 0; i < lots.size(); ++i)
    attach_opened(events, lot_at(lots, i).second);
  attach_all_reopened(in, events);
  return events;
}

} // namespace tessera::persistence
