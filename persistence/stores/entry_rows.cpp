#include "persistence/stores/entry_rows.hpp"

#include "persistence/stores/hold_bytes.hpp"
#include "persistence/stores/round_statements.hpp"

#include <algorithm>

namespace tessera::persistence {

const char* const account_lots_sql =
    "SELECT " TESSERA_LOT_TERMS ", l.amount + l.added, l.free, l.held, " TESSERA_LOT_DAY
    ", l.amount, l.reopened_seq"
    " FROM unnest($1::uuid[]) AS a (id)"
    " JOIN credit_balances b ON b.account_id = a.id"
    " JOIN credit_lots l ON l.account_id = b.account_id"
    "  AND (l.opened_seq > b.seq OR l.free + l.held > 0 OR l.reopened_seq > b.seq)"
    " ORDER BY l.account_id, l.opened_seq, l.position";

entry entry_at(const pg::rows& rows, int row) {
  int column = 0;
  const auto figure = [&] { return credits{rows.int8(row, column++)}; };
  const auto text = [&] { return rows.text(row, column++); };
  entry e;
  e.account = rows.id<account_id>(row, column++);
  e.seq = static_cast<std::uint64_t>(rows.int8(row, column++));
  e.tenant = rows.id<tenant_id>(row, column++);
  e.type = static_cast<entry_type>(rows.int2(row, column++));
  e.units = figure();
  e.slices = unpack_slices(rows.bytes(row, column++));
  e.after.available = figure();
  e.after.reserved = figure();
  e.after.used = figure();
  e.after.debt = figure();
  e.usable_after = figure();
  e.occurred_at = rows.time(row, column++);
  e.booked_at = rows.time(row, column++);
  if (!rows.is_null(row, column))
    e.idempotency = idempotency_key{rows.uuid_at(row, column), rows.uuid_at(row, column + 1)};
  column += 2;
  e.writer = rows.id<node_incarnation>(row, column++);
  e.requested_by.kind = static_cast<principal_kind>(rows.int2(row, column++));
  e.application = text();
  e.meter = text();
  e.reference = text();
  e.requested_by.id = text();
  e.requested_by.application = text();
  e.request_id = text();
  e.event_id = text();
  e.caller_key = text();
  e.metadata = text();
  e.hash = rows.digest_at(row, column++);
  if (!rows.is_null(row, column)) e.hold = unpack_mark(rows.bytes(row, column));
  return e;
}

account_snapshot snapshot_at(const pg::rows& rows, int row) {
  const auto figure = [&](int column) { return credits{rows.int8(row, column)}; };
  account_snapshot s;
  s.account = rows.id<account_id>(row, 0);
  s.tenant = rows.id<tenant_id>(row, 1);
  s.seq = static_cast<std::uint64_t>(rows.int8(row, 2));
  if (rows.bytes(row, 3).size() == s.head.size()) s.head = rows.digest_at(row, 3);
  s.booked_at = rows.time(row, 4);
  s.totals.now = {figure(5), figure(6), figure(7), figure(8)};
  s.totals.lifetime_in = figure(9);
  s.totals.expired = figure(10);
  s.totals.refunded = figure(11);
  s.totals.clawed_back = figure(12);
  s.totals.allocated_out = figure(13);
  s.totals.debt_repaid = figure(14);
  s.frozen = rows.boolean(row, 15);
  s.holds = unpack_holds(rows.bytes(row, 16));
  return s;
}

std::pair<account_id, lot> lot_at(const pg::rows& rows, int row) {
  lot l;
  l.id = rows.id<lot_id>(row, 1);
  l.root = rows.id<lot_id>(row, 2);
  if (const auto parent = rows.optional_uuid(row, 3)) l.parent = lot_id{*parent};
  l.seq = static_cast<std::uint64_t>(rows.int8(row, 4));
  l.kind = static_cast<lot_kind>(rows.int2(row, 5));
  l.priority = static_cast<std::uint8_t>(rows.int2(row, 6));
  l.effective_at = rows.time(row, 7);
  l.expires_at = rows.optional_time(row, 8);
  l.applications = rows.texts(row, 9);
  l.purchase_id = rows.text(row, 10);
  l.unit_cost_minor = rows.optional_int8(row, 11);
  l.currency = rows.text(row, 12);
  l.amount = credits{rows.int8(row, 13)};
  l.free = credits{rows.int8(row, 14)};
  l.held = credits{rows.int8(row, 15)};
  l.expiry_date = rows.text(row, 16);
  return {rows.id<account_id>(row, 0), std::move(l)};
}

void attach_opened(std::vector<account_event>& events, lot opened) {
  opened.free = opened.amount;
  opened.held = credits{};
  const auto seq_of = [](const account_event& event) { return event.booked.seq; };
  const auto event = std::ranges::lower_bound(events, opened.seq, {}, seq_of);
  if (event != events.end() && event->booked.seq == opened.seq) event->opened.push_back(std::move(opened));
}

void attach_reopened(std::vector<account_event>& events, lot opened) {
  opened.free = opened.held = credits{};
  for (auto& event : events) {
    const bool gives_back =
        event.booked.type == entry_type::reverse &&
        std::ranges::find(event.booked.slices, opened.id, &slice::lot) != event.booked.slices.end();
    if (gives_back) event.reopened.push_back(opened);
  }
}

} // namespace tessera::persistence
