// What holds between rows of several accounts: PostgreSQL compares them, whatever their number.
#include "tools/tessera/ledger_verifier.hpp"

namespace tessera::cli {

namespace {

struct rule {
  const char* what;
  const char* sql; // $1 and $2 accounts, inclusive; $3 tenant or null: account, seq or null, detail
};

constexpr rule rules[] = {
    // Behind an arrival may stand the expiry of what was over, and what repays a debt: the row names the last
    // of
    // them.
    {"an absorbed inbox row does not point to its entry",
     "SELECT i.account_id, i.absorbed_seq, i.inbox_id::text FROM credit_inbox i"
     " WHERE i.absorbed_seq IS NOT NULL AND i.kind < 16 AND i.account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR i.tenant_id = $3)"
     "  AND (i.fulfilled <> i.credits"
     "   OR NOT EXISTS (SELECT FROM credit_entries named WHERE named.account_id = i.account_id"
     "    AND named.seq = i.absorbed_seq)"
     "   OR NOT EXISTS (SELECT FROM credit_entries e WHERE e.account_id = i.account_id"
     "    AND e.seq BETWEEN i.absorbed_seq - 2 AND i.absorbed_seq AND e.tenant_id = i.tenant_id"
     "    AND e.units = i.credits AND e.reference = coalesce(nullif(i.reference, ''), i.purchase_id)"
     "    AND CASE i.kind WHEN 1 THEN e.entry_type = 1 WHEN 2 THEN e.entry_type = 9"
     "         WHEN 4 THEN e.entry_type IN (2, 3) WHEN 6 THEN e.entry_type = 13 WHEN 7 THEN e.entry_type = 18"
     "         ELSE e.entry_type = 11 END"
     "    AND NOT EXISTS (SELECT FROM credit_entries behind WHERE behind.account_id = e.account_id"
     "     AND behind.seq > e.seq AND behind.seq <= i.absorbed_seq AND behind.entry_type NOT IN (14, 17))))"
     " LIMIT 100"},
    // What an instruction came to stands in the last entries that it wrote; nothing, where nothing was there.
    {"an instruction says that it came to something else than its entries",
     "SELECT i.account_id, i.absorbed_seq, i.inbox_id::text FROM credit_inbox i"
     " LEFT JOIN credit_entries n ON n.account_id = i.account_id AND n.seq = i.absorbed_seq"
     " WHERE i.absorbed_seq IS NOT NULL AND i.kind > 15 AND i.account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR i.tenant_id = $3)"
     "  AND (n.seq IS NULL OR n.tenant_id <> i.tenant_id OR i.fulfilled IS NULL OR NOT CASE"
     "   WHEN i.kind IN (22, 23) THEN i.fulfilled = 0"
     "   WHEN i.kind IN (16, 21) AND i.fulfilled = 0 THEN i.partial OR i.kind = 21"
     "   WHEN i.kind = 16 THEN n.entry_type = 5 AND n.request_id = i.request_id AND i.fulfilled <= i.credits"
     "    AND (i.partial OR i.fulfilled = i.credits)"
     "   WHEN i.kind = 19 AND i.fulfilled = 0 THEN n.entry_type IN (7, 14)"
     "   WHEN i.kind IN (19, 21) THEN n.entry_type = CASE i.kind WHEN 19 THEN 8 ELSE 12 END"
     "    AND n.units = i.fulfilled AND (i.kind = 19 OR i.fulfilled <= i.credits)"
     "    AND EXISTS (SELECT FROM credit_inbox c WHERE c.inbox_id = i.carrier_id"
     "     AND (c.account_id, c.sender_account_id, c.sender_seq) = (i.to_account_id, n.account_id, n.seq))"
     "   WHEN i.kind = 20 THEN i.fulfilled = i.credits AND i.credits = (SELECT sum(e.units) FROM "
     "credit_entries e"
     "    WHERE e.account_id = i.account_id AND e.seq BETWEEN i.absorbed_seq - 1 AND i.absorbed_seq"
     "     AND e.entry_type IN (16, 20) AND e.request_id = i.request_id AND e.reference = i.reference)"
     "   ELSE (i.kind = 17 OR i.fulfilled = i.credits) AND EXISTS (SELECT FROM credit_entries e"
     "    WHERE e.account_id = i.account_id AND e.seq BETWEEN i.absorbed_seq - 3 AND i.absorbed_seq"
     "     AND e.entry_type = CASE i.kind WHEN 17 THEN 7 ELSE 15 END AND e.units = i.fulfilled"
     "     AND e.reference LIKE '%-' || i.holds[1]) END)"
     " LIMIT 100"},
    {"an entry fulfils several inbox rows",
     "SELECT account_id, absorbed_seq, min(inbox_id::text) FROM credit_inbox"
     " WHERE absorbed_seq IS NOT NULL AND coalesce(fulfilled, credits) > 0 AND account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR tenant_id = $3)"
     " GROUP BY account_id, absorbed_seq HAVING count(*) > 1 LIMIT 100"},
    // Types 8, 10 and 12 send, rows of kinds 2, 5 and 6 bring.
    {"an inbox row brings something else than was sent",
     "SELECT i.account_id, i.absorbed_seq, i.inbox_id::text FROM credit_inbox i"
     " LEFT JOIN credit_entries s ON s.account_id = i.sender_account_id AND s.seq = i.sender_seq"
     " WHERE i.kind IN (2, 5, 6) AND i.account_id BETWEEN $1 AND $2 AND ($3 IS NULL OR i.tenant_id = $3)"
     "  AND (s.tenant_id, s.units, s.reference, s.entry_type) IS DISTINCT FROM (i.tenant_id, i.credits,"
     "   i.reference, (CASE i.kind WHEN 2 THEN 8 WHEN 5 THEN 10 ELSE 12 END)::smallint)"
     " LIMIT 100"},
    {"what an entry sent is in one inbox no more or in several",
     "SELECT e.account_id, e.seq, e.reference FROM credit_entries e"
     " LEFT JOIN credit_inbox i ON i.sender_account_id = e.account_id AND i.sender_seq = e.seq"
     " WHERE e.entry_type NOT IN (4, 6) AND e.entry_type IN (8, 10, 12) AND e.account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR e.tenant_id = $3)"
     " GROUP BY e.account_id, e.seq, e.reference HAVING count(i.inbox_id) <> 1 LIMIT 100"},
    {"a reversal is not of a spend of its account and application",
     "SELECT e.account_id, e.seq, e.reference FROM credit_entries e"
     " LEFT JOIN credit_reversals r ON r.account_id = e.account_id AND r.seq = e.seq"
     "  AND r.spent_seq = substring(e.reference FROM '-([0-9]{1,18})$')::bigint"
     " LEFT JOIN credit_entries s ON s.account_id = r.account_id AND s.seq = r.spent_seq"
     " WHERE e.entry_type NOT IN (4, 6) AND e.entry_type = 19 AND e.account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR e.tenant_id = $3)"
     "  AND (s.entry_type IS NULL OR s.entry_type NOT IN (4, 6) OR s.seq > e.seq"
     "   OR (r.units, r.tenant_id) IS DISTINCT FROM (e.units, e.tenant_id)"
     "   OR (s.application, s.meter, s.occurred_at) IS DISTINCT FROM (e.application, e.meter, e.occurred_at)"
     "   OR e.reference <> 'txn-' || replace(s.account_id::text, '-', '') || '-' || s.seq)"
     " LIMIT 100"},
    {"a row of a reversal that no entry made",
     "SELECT r.account_id, r.seq, r.spent_seq::text FROM credit_reversals r"
     " LEFT JOIN credit_entries e ON e.account_id = r.account_id AND e.seq = r.seq"
     " WHERE r.account_id BETWEEN $1 AND $2 AND ($3 IS NULL OR r.tenant_id = $3)"
     "  AND (e.entry_type IS DISTINCT FROM 19 OR e.reference NOT LIKE '%-' || r.spent_seq) LIMIT 100"},
    {"more came back to a lot than a spend took from it",
     "SELECT r.account_id, r.spent_seq, back.lot_id::text FROM credit_reversals r"
     " JOIN credit_entries e ON e.account_id = r.account_id AND e.seq = r.seq"
     " CROSS JOIN LATERAL credit_slices(e.slices) AS back"
     " WHERE r.account_id BETWEEN $1 AND $2 AND ($3 IS NULL OR r.tenant_id = $3)"
     " GROUP BY r.account_id, r.spent_seq, back.lot_id"
     " HAVING sum(back.units) > coalesce((SELECT sum(taken.units) FROM credit_entries s"
     "  CROSS JOIN LATERAL credit_slices(s.slices) AS taken"
     "  WHERE s.account_id = r.account_id AND s.seq = r.spent_seq AND taken.lot_id = back.lot_id), 0)"
     " LIMIT 100"},
    // `expiry_date` is in no hash: the row that brought the lot says it too.
    {"a lot is not the one that its row brought",
     "SELECT i.account_id, i.absorbed_seq, i.inbox_id::text FROM credit_inbox i"
     " LEFT JOIN credit_lots l ON l.lot_id = i.lot_id"
     " WHERE i.absorbed_seq IS NOT NULL AND i.kind IN (1, 4, 7) AND i.account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR i.tenant_id = $3)"
     "  AND ((l.account_id, l.purchase_id, l.expires_at, l.expiry_date) IS DISTINCT FROM"
     "    (i.account_id, i.purchase_id, i.expires_at, i.expiry_date)"
     "   OR l.opened_seq NOT BETWEEN i.absorbed_seq - 2 AND i.absorbed_seq)"
     " LIMIT 100"},
    {"an idempotency key stands twice",
     "SELECT e.account_id, e.seq, e.idempotency_key::text FROM credit_entries e"
     " JOIN (SELECT idempotency_key FROM credit_entries WHERE idempotency_key IS NOT NULL"
     "  GROUP BY idempotency_key HAVING count(*) > 1 LIMIT 100) AS twice USING (idempotency_key)"
     " WHERE e.account_id BETWEEN $1 AND $2 AND ($3 IS NULL OR e.tenant_id = $3) LIMIT 100"},
    // It may be early, never late. The last eight bytes of a mark are its hold's end.
    {"a hold ends before anybody looks",
     "SELECT o.account_id, o.seq, o.reference FROM credit_entries o"
     " LEFT JOIN credit_hold_reminders r ON r.account_id = o.account_id"
     " WHERE o.entry_type NOT IN (4, 6) AND o.entry_type = 5 AND o.account_id BETWEEN $1 AND $2"
     "  AND ($3 IS NULL OR o.tenant_id = $3)"
     "  AND NOT EXISTS (SELECT FROM credit_entries m WHERE m.account_id = o.account_id AND m.hold_seq = o.seq"
     "   AND get_byte(m.hold_mark, 1) <> 1)"
     "  AND CASE WHEN isfinite(r.remind_at)"
     "   THEN int8send((extract(epoch FROM r.remind_at) * 1000000)::bigint) > substring(o.hold_mark FROM 19)"
     "   ELSE true END"
     " LIMIT 100"},
    // Moving a lot changes neither whose purchase it is nor when it ends.
    {"a lot differs from its root",
     "SELECT l.account_id, l.opened_seq, l.lot_id::text FROM credit_lots l"
     " LEFT JOIN credit_lots root ON root.lot_id = l.root_lot_id"
     " WHERE l.root_lot_id <> l.lot_id AND l.account_id BETWEEN $1 AND $2 AND ($3 IS NULL OR l.tenant_id = "
     "$3)"
     "  AND (l.tenant_id, l.kind, l.purchase_id, l.expires_at, l.unit_cost_minor, l.currency) IS DISTINCT "
     "FROM"
     "   (root.tenant_id, root.kind, root.purchase_id, root.expires_at, root.unit_cost_minor, root.currency)"
     " LIMIT 100"},
    // Types 8, 10 and 12 send units of a root to another account, 9, 11 and 13 bring them there.
    {"more units of a root arrived than were sent",
     "SELECT min(l.account_id::text)::uuid, NULL::bigint, l.root_lot_id::text FROM credit_entries e"
     " CROSS JOIN LATERAL credit_slices(e.slices) AS part JOIN credit_lots l ON l.lot_id = part.lot_id"
     " WHERE e.entry_type BETWEEN 8 AND 13 AND ($3 IS NULL OR e.tenant_id = $3)"
     "  AND $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL"
     " GROUP BY l.root_lot_id"
     " HAVING sum(part.units) FILTER (WHERE e.entry_type IN (9, 11, 13)) >"
     "  coalesce(sum(part.units) FILTER (WHERE e.entry_type IN (8, 10, 12)), 0) LIMIT 100"},
};

ledger_flaw named(pg::connection& session, const account_id& account) {
  ledger_flaw flaw{.account = account, .tenant = {}, .entity = {}, .seq = {}, .what = {}};
  const auto rows = session.execute(
      "SELECT t.id, e.entity_type, e.entity_id FROM entities e JOIN tenants t USING (tenant_id)"
      " WHERE e.account_id = $1",
      pg::parameters().add(account),
      std::chrono::seconds(10)
  );
  if (rows.empty()) return flaw;
  flaw.tenant = rows.text(0, 0);
  flaw.entity = {static_cast<entity_type>(rows.int2(0, 1)), rows.text(0, 2)};
  return flaw;
}

} // namespace

void verify_between_accounts(
    pg::connection& session, const persistence::scan_range& range, verification& into
) {
  for (const auto& each : rules) {
    const auto rows = session.execute(
        each.sql, pg::parameters().add(range.first).add(range.last).add(range.tenant), std::chrono::hours(1)
    );
    for (int i = 0; i < rows.size(); ++i) {
      auto flaw = named(session, rows.id<account_id>(i, 0));
      if (const auto seq = rows.optional_int8(i, 1)) flaw.seq = static_cast<std::uint64_t>(*seq);
      flaw.what = std::string(each.what) + " (" + rows.text(i, 2) + ")";
      into.add(std::move(flaw));
    }
  }
}

} // namespace tessera::cli
