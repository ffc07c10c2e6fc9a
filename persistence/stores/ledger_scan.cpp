#include "persistence/stores/ledger_scan.hpp"

#include "persistence/stores/entry_rows.hpp"

#include <algorithm>
#include <limits>

namespace tessera::persistence {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;

/// $1 first and $2 last account, $3 tenant. What the rows come after follows.
pg::parameters bounds(const account_id& first, const scan_range& range) {
  pg::parameters p;
  p.add(first).add(range.last).add(range.tenant);
  return p;
}

} // namespace

row_stream<scanned_entity> scan_entities(pg::connection& session, const scan_range& range) {
  return row_stream<scanned_entity>([&session, range](const std::optional<scanned_entity>& last) {
    const auto rows = session.execute(
        "SELECT e.account_id, e.tenant_id, t.id, e.entity_type, e.entity_id"
        " FROM entities e JOIN tenants t USING (tenant_id)"
        " WHERE e.account_id >= $1 AND e.account_id <= $2 AND ($3 IS NULL OR e.tenant_id = $3)"
        "  AND ($4 IS NULL OR e.account_id > $4) ORDER BY e.account_id LIMIT 2000",
        bounds(last ? last->account : range.first, range)
            .add(last ? std::optional(last->account) : std::nullopt),
        patience
    );
    std::vector<scanned_entity> page;
    for (int i = 0; i < rows.size(); ++i)
      page.push_back({
          rows.id<account_id>(i, 0),
          rows.id<tenant_id>(i, 1),
          rows.text(i, 2),
          {static_cast<entity_type>(rows.int2(i, 3)), rows.text(i, 4)},
      });
    return page;
  });
}

row_stream<scanned_entry> scan_entries(pg::connection& session, const scan_range& range) {
  return row_stream<scanned_entry>([&session, range](const std::optional<scanned_entry>& last) {
    // A number that does not fit into its type, or an instant that is none, would be read as another one.
    const auto rows = session.execute(
        "SELECT " TESSERA_ENTRY_COLUMNS ","
        " e.seq >= 0 AND e.entry_type BETWEEN 0 AND 255 AND e.principal_kind BETWEEN 0 AND 3"
        "  AND octet_length(e.slices) % 24 = 0 AND octet_length(e.hash) = 32"
        "  AND (e.idempotency_key IS NULL) = (e.fingerprint IS NULL)"
        "  AND isfinite(e.occurred_at) AND isfinite(e.booked_at)"
        "  AND (e.hold_mark IS NULL OR octet_length(e.hold_mark) = 26)"
        "  AND e.hold_seq::text IS NOT DISTINCT FROM"
        "    CASE WHEN e.entry_type IN (6, 7, 15) THEN nullif(split_part(e.reference, '-', 3), '') END,"
        " e.txid::text::numeric::bigint, (e.txid::text::numeric % 4294967296)::bigint = e.xmin::text::bigint,"
        " e.xmin::text::bigint"
        " FROM credit_entries e"
        " WHERE (e.account_id, e.seq) > ($1, $4) AND e.account_id <= $2 AND ($3 IS NULL OR e.tenant_id = $3)"
        " ORDER BY e.account_id, e.seq LIMIT 2000",
        bounds(last ? last->account : range.first, range)
            .add(last ? static_cast<std::int64_t>(last->seq) : std::numeric_limits<std::int64_t>::min()),
        patience
    );
    std::vector<scanned_entry> page;
    for (int i = 0; i < rows.size(); ++i) {
      scanned_entry read;
      read.account = rows.id<account_id>(i, 0);
      read.seq = static_cast<std::uint64_t>(rows.int8(i, 1));
      read.readable = rows.boolean(i, entry_columns);
      if (read.readable) read.booked = entry_at(rows, i);
      read.txid = static_cast<std::uint64_t>(rows.int8(i, entry_columns + 1));
      read.is_as_inserted = rows.boolean(i, entry_columns + 2);
      read.writer = static_cast<std::uint64_t>(rows.int8(i, entry_columns + 3));
      page.push_back(std::move(read));
    }
    return page;
  });
}

// What `scanned_lot_at` reads. `expiry_date` is for people and in no hash: it can be no other day than that
// of the last good instant, in any time zone.
#define TESSERA_SCANNED_LOT                                                                                  \
  TESSERA_LOT_TERMS                                                                                          \
  ", l.amount, l.free, l.held, " TESSERA_LOT_DAY ", l.tenant_id, l.position, l.closed,"                      \
  " l.kind BETWEEN 1 AND 5 AND l.priority BETWEEN 0 AND 100 AND l.opened_seq >= 0 AND"                       \
  "  coalesce(array_ndims(l.applications), 1) = 1 AND coalesce(array_lower(l.applications, 1), 1) = 1"       \
  "  AND array_position(l.applications, NULL) IS NULL AND isfinite(l.effective_at)"                          \
  "  AND coalesce(isfinite(l.expires_at), true)"                                                             \
  "  AND (l.expiry_date IS NULL OR coalesce(abs(l.expiry_date -"                                             \
  "   ((l.expires_at - interval '1 us') AT TIME ZONE 'UTC')::date) <= 1, false)),"                           \
  " l.added, l.reopened_seq FROM credit_lots l"

scanned_lot scanned_lot_at(const pg::rows& rows, int i) {
  scanned_lot read;
  read.account = rows.id<account_id>(i, 0);
  read.opened_seq = rows.int8(i, 4);
  read.tenant = rows.id<tenant_id>(i, 17);
  read.position = rows.int2(i, 18);
  read.closed = rows.boolean(i, 19);
  read.readable = rows.boolean(i, 20);
  read.added = credits{rows.int8(i, 21)};
  read.reopened_seq = rows.optional_int8(i, 22);
  if (read.readable) read.row = lot_at(rows, i).second;
  return read;
}

row_stream<scanned_lot> scan_lots(pg::connection& session, const scan_range& range) {
  return row_stream<scanned_lot>([&session, range](const std::optional<scanned_lot>& last) {
    const auto rows = session.execute(
        "SELECT " TESSERA_SCANNED_LOT
        " WHERE (l.account_id, l.opened_seq, l.position) > ($1, $4, $5) AND l.account_id <= $2"
        "  AND ($3 IS NULL OR l.tenant_id = $3)"
        " ORDER BY l.account_id, l.opened_seq, l.position LIMIT 2000",
        bounds(last ? last->account : range.first, range)
            .add(last ? last->opened_seq : std::numeric_limits<std::int64_t>::min())
            .add(last ? last->position : std::numeric_limits<std::int16_t>::min()),
        patience
    );
    std::vector<scanned_lot> page;
    for (int i = 0; i < rows.size(); ++i)
      page.push_back(scanned_lot_at(rows, i));
    return page;
  });
}

std::vector<scanned_lot>
scan_lots_named(pg::connection& session, const account_id& account, const std::vector<lot_id>& lots) {
  const auto rows = session.execute(
      "SELECT " TESSERA_SCANNED_LOT " WHERE l.lot_id = ANY ($2) AND l.account_id = $1",
      pg::parameters().add(account).add_array(
          pg::parameters::type::uuid, lots, [](const lot_id& id) { return id; }
      ),
      patience
  );
  std::vector<scanned_lot> found;
  for (int i = 0; i < rows.size(); ++i)
    found.push_back(scanned_lot_at(rows, i));
  return found;
}

row_stream<scanned_balance> scan_balances(pg::connection& session, const scan_range& range) {
  return row_stream<scanned_balance>([&session, range](const std::optional<scanned_balance>& last) {
    const auto rows = session.execute(
        "SELECT " TESSERA_SNAPSHOT_COLUMNS
        ", total_credits, array_replace(open_hold_seqs, NULL, 0) FROM credit_balances"
        " WHERE account_id >= $1 AND account_id <= $2 AND ($3 IS NULL OR tenant_id = $3)"
        "  AND ($4 IS NULL OR account_id > $4) ORDER BY account_id LIMIT 2000",
        bounds(last ? last->account : range.first, range)
            .add(last ? std::optional(last->account) : std::nullopt),
        patience
    );
    std::vector<scanned_balance> page;
    for (int i = 0; i < rows.size(); ++i)
      page.push_back(
          {rows.id<account_id>(i, 0),
           snapshot_at(rows, i),
           credits{rows.int8(i, snapshot_columns)},
           rows.int8s(i, snapshot_columns + 1)}
      );
    return page;
  });
}

row_stream<scanned_snapshot> scan_kept_snapshots(pg::connection& session, const scan_range& range) {
  return row_stream<scanned_snapshot>([&session, range](const std::optional<scanned_snapshot>& last) {
    const auto rows = session.execute(
        "SELECT " TESSERA_SNAPSHOT_COLUMNS ", lot_ids, frees, helds, amounts FROM credit_kept_snapshots"
        " WHERE (account_id, seq) > ($1, $4) AND account_id <= $2 AND ($3 IS NULL OR tenant_id = $3)"
        " ORDER BY account_id, seq LIMIT 50",
        bounds(last ? last->account : range.first, range)
            .add(last ? static_cast<std::int64_t>(last->kept.seq) : std::numeric_limits<std::int64_t>::min()),
        patience
    );
    std::vector<scanned_snapshot> page;
    for (int i = 0; i < rows.size(); ++i) {
      scanned_snapshot read{rows.id<account_id>(i, 0), snapshot_at(rows, i)};
      const auto ids = rows.uuids(i, snapshot_columns);
      const auto frees = rows.int8s(i, snapshot_columns + 1);
      const auto helds = rows.int8s(i, snapshot_columns + 2);
      const auto amounts = rows.int8s(i, snapshot_columns + 3);
      const auto count = std::min({ids.size(), frees.size(), helds.size(), amounts.size()});
      for (std::size_t n = 0; n < count; ++n) {
        auto& part = read.kept.lots.emplace_back();
        part.id = lot_id{ids[n]};
        part.free = credits{frees[n]};
        part.held = credits{helds[n]};
        part.amount = credits{amounts[n]};
      }
      page.push_back(std::move(read));
    }
    return page;
  });
}

} // namespace tessera::persistence
