#pragma once

#include "messages/journal.hpp"
#include "persistence/pg/rows.hpp"

#include <utility>
#include <vector>

/// Ledger rows as messages: the queries and the order of their columns, in one place.
namespace tessera::persistence {

/// The columns that `entry_at` reads, for a SELECT from credit_entries AS e.
#define TESSERA_ENTRY_COLUMNS                                                                                \
  "e.account_id, e.seq, e.tenant_id, e.entry_type, e.units, e.slices, e.available_after, e.reserved_after, " \
  "e.used_after, e.debt_after, e.usable_after, e.occurred_at, e.booked_at, e.idempotency_key, "              \
  "e.fingerprint, "                                                                                          \
  "e.writer, e.principal_kind, e.application, e.meter, e.reference, e.principal_id, "                        \
  "e.principal_application, "                                                                                \
  "e.request_id, e.event_id, e.caller_key, e.metadata, e.hash, e.hold_mark"

/// The columns that `snapshot_at` reads.
#define TESSERA_SNAPSHOT_COLUMNS                                                                             \
  "account_id, tenant_id, seq, head, booked_at, available_credits, reserved_credits, used_credits, debt,"    \
  " lifetime_in, expired, refunded, clawed_back, allocated_out, debt_repaid, frozen, open_holds"

/// The columns that `lot_at` reads first, for a SELECT from credit_lots AS l: then come amount, free and
/// held, and TESSERA_LOT_DAY.
#define TESSERA_LOT_TERMS                                                                                    \
  "l.account_id, l.lot_id, l.root_lot_id, l.parent_lot_id, l.opened_seq, l.kind, l.priority,"                \
  " l.effective_at, l.expires_at, l.applications, l.purchase_id, l.unit_cost_minor, l.currency"
#define TESSERA_LOT_DAY "coalesce(l.expiry_date::text, '')"

/// So many columns: what a query selects after them begins there.
inline constexpr int entry_columns = 28;
inline constexpr int snapshot_columns = 17;

/// $1 accounts: the entries after each account's snapshot.
inline constexpr const char* tail_sql =
    "SELECT " TESSERA_ENTRY_COLUMNS " FROM unnest($1::uuid[]) AS a (id)"
    " JOIN credit_balances b ON b.account_id = a.id"
    " CROSS JOIN LATERAL (SELECT * FROM credit_entries t"
    "   WHERE t.account_id = b.account_id AND t.seq > b.seq ORDER BY t.seq) AS e";
/// $1 accounts: lots with units left in the snapshot, and those opened or reopened after it, in the order in
/// which they were opened. What they were opened with, and the entry that last gave units back, follow.
extern const char* const account_lots_sql;

entry entry_at(const pg::rows& rows, int row);
/// Without lots. A head that is no digest is left zero.
account_snapshot snapshot_at(const pg::rows& rows, int row);
std::pair<account_id, lot> lot_at(const pg::rows& rows, int row);
/// Gives the lot, as it was opened, to the entry that opened it, if that is among these; seqs rise.
void attach_opened(std::vector<account_event>& events, lot opened);
/// Gives the lot, as it was opened but empty, to the reversals among these that give units back to it.
void attach_reopened(std::vector<account_event>& events, lot opened);

} // namespace tessera::persistence
