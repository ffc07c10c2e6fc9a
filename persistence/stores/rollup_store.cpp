#include "persistence/stores/rollup_store.hpp"

namespace tessera::persistence {

// `subtree`: by the index of children, level by level; OFFSET 0 keeps the planner from reading all entities
// instead.
//
// `last`: the last entry of each account, one index probe each: it carries the balances after it.
//
// `unbooked`: free units of lots that are over and that no entry has expired yet; they still stand in the
// last entry's `available`. The row of a lot has the units as of the account's snapshot (or as it was opened,
// if that was later), and the entries since then say what became of them: their slices were taken when the
// account's available units fell, and given when these rose. Only lots that are due are looked at (index
// credit_lots_due_by_tenant), few at any time: the sweeper books them within seconds.
//
// `ended`: open holds that are over, and whose end no entry has booked yet; where the account's reminder says
// that none is, none is looked for.
//
// `paid`: what is over gives units back, and a debt takes them at once.
//
// `in_transit`: inbox rows between two entities: legs of allocations (2), what is given back (5) or reclaimed
// (6), and what comes back of any of them (3). The last have no sender: they belong to where they go.
const char* const rollup_sql =
    "WITH RECURSIVE subtree AS ("
    "  SELECT account_id FROM entities WHERE account_id = $1"
    "  UNION ALL"
    "  SELECT below.account_id FROM subtree s CROSS JOIN LATERAL"
    "   (SELECT e.account_id FROM entities e WHERE e.parent_account = s.account_id OFFSET 0) AS below),"
    " unbooked AS ("
    "  SELECT l.account_id, sum(l.free + coalesce(since.units, 0)) AS units"
    "  FROM credit_lots l JOIN credit_balances b ON b.account_id = l.account_id"
    "  LEFT JOIN LATERAL ("
    "   SELECT sum(part.units * sign(e.available_after - before.available_after)) AS units"
    "   FROM credit_entries e"
    "   JOIN credit_entries before ON before.account_id = e.account_id AND before.seq = e.seq - 1"
    "   CROSS JOIN LATERAL credit_slices(e.slices) AS part"
    "   WHERE e.account_id = l.account_id AND e.seq > greatest(b.seq, l.opened_seq)"
    "    AND part.lot_id = l.lot_id) AS since ON true"
    "  WHERE NOT l.closed AND (l.free + l.held > 0 OR l.reopened_seq IS NOT NULL) AND l.expires_at <= $2"
    "  GROUP BY l.account_id),"
    " figures AS ("
    "  SELECT s.account_id = $1 AS own, "
    "    last.available_after - coalesce(u.units, 0) + coalesce(ended.back, 0) AS available,"
    "   last.reserved_after - coalesce(ended.held, 0) AS reserved, last.used_after AS used, last.debt_after "
    "AS debt"
    "  FROM subtree s"
    "  CROSS JOIN LATERAL (SELECT e.available_after, e.reserved_after, e.used_after, e.debt_after"
    "   FROM credit_entries e WHERE e.account_id = s.account_id ORDER BY e.seq DESC LIMIT 1) AS last"
    "  LEFT JOIN unbooked u ON u.account_id = s.account_id"
    "  LEFT JOIN LATERAL (SELECT h.held, h.back FROM holds_over(s.account_id, $2) AS h"
    "   WHERE last.reserved_after > 0) AS ended ON true),"
    " sums AS ("
    "  SELECT own, sum(available - paid) AS available, sum(reserved) AS reserved, sum(used) AS used,"
    "   sum(debt - paid) AS debt, count(*) AS accounts"
    "  FROM figures CROSS JOIN LATERAL (SELECT least(debt, available) AS paid) AS repaid GROUP BY own)"
    " SELECT own, least(available, 9223372036854775807)::bigint, least(reserved, "
    "9223372036854775807)::bigint,"
    "  least(used, 9223372036854775807)::bigint, least(debt, 9223372036854775807)::bigint, accounts,"
    "  (SELECT coalesce(sum(i.credits), 0)::bigint FROM credit_inbox i"
    "   WHERE i.absorbed_seq IS NULL AND i.refused_code IS NULL AND i.kind IN (2, 3, 5, 6)"
    "    AND (i.sender_account_id IN (SELECT account_id FROM subtree)"
    "     OR i.account_id IN (SELECT account_id FROM subtree)))"
    " FROM sums";

balance_rollup rollup_of(pg::transaction& in, const rollup_query& query, time_point now) {
  const auto rows = in.execute(rollup_sql, pg::parameters().add(query.account).add(now));
  balance_rollup sums;
  for (int i = 0; i < rows.size(); ++i) {
    const auto figure = [&](int column) { return credits{rows.int8(i, column)}; };
    const bool own = rows.boolean(i, 0);
    const balances figures{figure(1), figure(2), figure(3), figure(4)};
    (own ? sums.own : sums.descendants) = figures;
    if (!own) sums.descendant_count = static_cast<std::uint64_t>(rows.int8(i, 5));
    sums.in_transit = figure(6);
  }
  return sums;
}

} // namespace tessera::persistence
