#include "persistence/stores/reversal_facts_store.hpp"

#include "persistence/stores/inbox_store.hpp"

#include <utility>

namespace tessera::persistence {

namespace {

std::optional<inbox_id> row_at(const pg::rows& rows, int row, int column) {
  const auto id = rows.optional_uuid(row, column);
  return id ? std::optional(inbox_id{*id}) : std::nullopt;
}

std::vector<own_refund> refunds_of(pg::transaction& in, const std::string& purchase) {
  const auto rows = in.execute(
      "SELECT refund_id, units, amount_minor, state, hold_row, hold_seq, last_row, failure_code,"
      " failure_message, created_at, reason FROM credit_refunds WHERE purchase_id = $1 ORDER BY created_at",
      pg::parameters().add(purchase)
  );
  std::vector<own_refund> all;
  for (int i = 0; i < rows.size(); ++i) {
    own_refund each;
    each.refund_id = rows.text(i, 0);
    each.units = credits{rows.int8(i, 1)};
    each.amount_minor = rows.int8(i, 2);
    each.state = rows.text(i, 3);
    each.hold_row = row_at(rows, i, 4);
    if (const auto seq = rows.optional_int8(i, 5)) each.hold_seq = static_cast<std::uint64_t>(*seq);
    each.last_row = row_at(rows, i, 6);
    each.failure_code = rows.text(i, 7);
    each.failure_message = rows.text(i, 8);
    each.created_at = rows.time(i, 9);
    each.reason = rows.text(i, 10);
    all.push_back(std::move(each));
  }
  return all;
}

std::vector<seen_refund> seen_refunds_of(pg::transaction& in, const payment_record& purchase) {
  const auto rows = in.execute(
      "SELECT object_id, coalesce(refund_id, ''), amount_minor, failed FROM provider_refunds"
      " WHERE purchase_id = $1 AND (payment_id IS NULL OR $2 IN ('', payment_id)) ORDER BY object_id",
      pg::parameters().add(purchase.purchase_id).add(purchase.payment_id)
  );
  std::vector<seen_refund> all;
  for (int i = 0; i < rows.size(); ++i)
    all.push_back({rows.text(i, 0), rows.text(i, 1), rows.int8(i, 2), rows.boolean(i, 3)});
  return all;
}

std::vector<seen_dispute> disputes_of(pg::transaction& in, const payment_record& purchase) {
  const auto rows = in.execute(
      "SELECT dispute_id, amount_minor, phase FROM payment_disputes WHERE purchase_id = $1"
      " AND (payment_id IS NULL OR $2 IN ('', payment_id)) ORDER BY dispute_id",
      pg::parameters().add(purchase.purchase_id).add(purchase.payment_id)
  );
  std::vector<seen_dispute> all;
  for (int i = 0; i < rows.size(); ++i)
    all.push_back({rows.text(i, 0), rows.int8(i, 1), static_cast<dispute_phase>(rows.int2(i, 2))});
  return all;
}

std::vector<given_instruction> given_for(pg::transaction& in, const std::string& purchase) {
  // What was recalled has arrived only when the row that carries it has.
  const auto rows = in.execute(
      "SELECT g.row_id, i.account_id, g.subject, g.kind, g.units, i.absorbed_seq, i.refused_code,"
      " coalesce(i.fulfilled, 0), EXISTS (SELECT FROM credit_inbox c WHERE c.inbox_id = i.carrier_id"
      "  AND c.absorbed_seq IS NULL AND c.refused_code IS NULL)"
      " FROM payment_instructions g JOIN credit_inbox i ON i.inbox_id = g.row_id WHERE g.purchase_id = $1"
      " ORDER BY g.created_at, g.row_id",
      pg::parameters().add(purchase)
  );
  std::vector<given_instruction> all;
  for (int i = 0; i < rows.size(); ++i) {
    given_instruction each;
    each.row = rows.id<inbox_id>(i, 0);
    each.account = rows.id<account_id>(i, 1);
    each.subject = rows.text(i, 2);
    each.kind = rows.text(i, 3);
    each.units = credits{rows.int8(i, 4)};
    const auto seq = rows.optional_int8(i, 5);
    each.refused = !rows.is_null(i, 6);
    each.waits = (!seq && !each.refused) || rows.boolean(i, 8);
    each.fulfilled = credits{rows.int8(i, 7)};
    each.seq = static_cast<std::uint64_t>(seq.value_or(0));
    all.push_back(std::move(each));
  }
  return all;
}

void remember(
    pg::transaction& in,
    const payment_record& purchase,
    const inbox_id& row,
    std::string_view subject,
    std::string_view kind,
    credits units
) {
  in.execute(
      "INSERT INTO payment_instructions (row_id, tenant_id, purchase_id, subject, kind, units)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      pg::parameters()
          .add(row)
          .add(purchase.tenant)
          .add(purchase.purchase_id)
          .add(subject)
          .add(kind)
          .add(units.value())
  );
}

} // namespace

reversal_facts reversal_facts_of(pg::transaction& in, payment_record purchase) {
  reversal_facts facts;
  facts.purchase = std::move(purchase);
  const auto& id = facts.purchase.purchase_id;
  facts.refunds = refunds_of(in, id);
  facts.seen = seen_refunds_of(in, facts.purchase);
  facts.disputes = disputes_of(in, facts.purchase);
  facts.given = given_for(in, id);
  return facts;
}

std::optional<lot_id> root_lot_of(pg::transaction& in, const std::string& purchase_id) {
  const auto rows = in.execute(
      "SELECT i.root_lot_id FROM credit_purchases p JOIN credit_inbox i USING (inbox_id)"
      " WHERE p.purchase_id = $1",
      pg::parameters().add(purchase_id)
  );
  return rows.empty() ? std::nullopt : std::optional(rows.id<lot_id>(0, 0));
}

std::optional<time_point> end_of_purchase(pg::transaction& in, const std::string& purchase_id) {
  const auto rows = in.execute(
      "SELECT expires_at FROM credit_purchases WHERE purchase_id = $1", pg::parameters().add(purchase_id)
  );
  return rows.empty() ? std::nullopt : rows.optional_time(0, 0);
}

std::vector<unit_holder> holders_of(pg::transaction& in, const payment_record& purchase) {
  const auto rows = in.execute(
      "SELECT h.account_id, h.free, h.account_id = $2 FROM purchase_holders(ARRAY[$1]) h"
      " LEFT JOIN LATERAL (SELECT max(a.allocated_at) AS at FROM credit_allocations a"
      "  WHERE a.to_account_id = h.account_id) AS last ON true"
      " WHERE h.free > 0 ORDER BY (h.account_id = $2) DESC, last.at DESC NULLS LAST, h.account_id",
      pg::parameters().add(purchase.purchase_id).add(purchase.account)
  );
  std::vector<unit_holder> all;
  for (int i = 0; i < rows.size(); ++i)
    all.push_back({rows.id<account_id>(i, 0), credits{rows.int8(i, 1)}, rows.boolean(i, 2)});
  return all;
}

std::vector<opened_hold>
holds_opened(pg::transaction& in, const account_id& account, std::uint64_t seq, credits units) {
  const auto rows = in.execute(
      "SELECT e.seq, e.units, EXISTS (SELECT FROM credit_entries m WHERE m.account_id = e.account_id"
      "  AND m.hold_seq = e.seq AND get_byte(m.hold_mark, 1) <> 1)"
      " FROM credit_entries e WHERE e.account_id = $1 AND e.seq <= $2 AND e.seq > $2 - 1000"
      " AND e.entry_type = 5 ORDER BY e.seq DESC",
      pg::parameters().add(account).add(static_cast<std::int64_t>(seq))
  );
  std::vector<opened_hold> holds;
  credits found;
  for (int i = 0; i < rows.size() && found < units; ++i) {
    const credits each{rows.int8(i, 1)};
    if (!rows.boolean(i, 2)) holds.push_back({static_cast<std::uint64_t>(rows.int8(i, 0)), each});
    found += each;
  }
  return holds;
}

void insert_refund(
    pg::transaction& in,
    const payment_record& purchase,
    const own_refund& refund,
    const refund_purchase& asked
) {
  in.execute(
      "INSERT INTO credit_refunds (refund_id, tenant_id, purchase_id, account_id, units, amount_minor, state,"
      " reason, hold_row, principal_kind, principal_id, principal_application, request_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      pg::parameters()
          .add(refund.refund_id)
          .add(purchase.tenant)
          .add(purchase.purchase_id)
          .add(purchase.account)
          .add(refund.units.value())
          .add(refund.amount_minor)
          .add(refund.state)
          .add(asked.reason)
          .add(refund.hold_row)
          .add(static_cast<std::int16_t>(asked.requested_by.kind))
          .add(asked.requested_by.id)
          .add(asked.requested_by.application)
          .add(asked.request_id)
  );
}

void save_refund(pg::transaction& in, const own_refund& refund, std::string_view provider_refund_id) {
  const auto seq =
      refund.hold_seq ? std::optional(static_cast<std::int64_t>(*refund.hold_seq)) : std::nullopt;
  in.execute(
      "UPDATE credit_refunds SET state = $2, hold_row = $3, hold_seq = $4, last_row = $5, failure_code = $6,"
      " failure_message = $7, provider_refund_id = coalesce(nullif($8, ''), provider_refund_id)"
      " WHERE refund_id = $1",
      pg::parameters()
          .add(refund.refund_id)
          .add(refund.state)
          .add(refund.hold_row)
          .add(seq)
          .add(refund.last_row)
          .add(refund.failure_code)
          .add(refund.failure_message)
          .add(provider_refund_id)
  );
}

std::optional<refund_view> find_refund(pg::transaction& in, const refund_query& query) {
  const auto rows = in.execute(
      "SELECT r.refund_id, r.purchase_id, CASE WHEN r.state IN ('succeeded', 'failed') THEN r.state"
      "  WHEN r.state = 'releasing' THEN 'failed' ELSE 'pending' END, r.units, r.amount_minor, p.currency,"
      " r.reason, r.failure_code, r.failure_message, r.account_id, r.created_at,"
      " (SELECT e.available_after FROM credit_entries e WHERE e.account_id = r.account_id"
      "  ORDER BY e.seq DESC LIMIT 1)"
      " FROM credit_refunds r JOIN credit_purchases p USING (purchase_id)"
      " WHERE r.tenant_id = $1 AND r.refund_id = $2",
      pg::parameters().add(query.tenant).add(query.refund_id)
  );
  if (rows.empty()) return std::nullopt;
  refund_view view;
  view.refund_id = rows.text(0, 0);
  view.purchase_id = rows.text(0, 1);
  view.status = rows.text(0, 2);
  view.units = credits{rows.int8(0, 3)};
  view.amount_minor = rows.int8(0, 4);
  view.currency = rows.text(0, 5);
  view.reason = rows.text(0, 6);
  view.failure_code = rows.text(0, 7);
  view.failure_message = rows.text(0, 8);
  view.account = rows.id<account_id>(0, 9);
  view.created_at = rows.time(0, 10);
  view.available = credits{rows.int8(0, 11)};
  return view;
}

void save_seen(pg::transaction& in, const payment_record& purchase, const seen_refund& refund) {
  in.execute(
      "INSERT INTO provider_refunds (object_id, tenant_id, purchase_id, refund_id, amount_minor, failed,"
      " payment_id) VALUES ($1, $2, $3, nullif($4, ''), $5, $6, nullif($7, '')) ON CONFLICT (object_id) DO "
      "UPDATE"
      " SET refund_id = coalesce(excluded.refund_id, provider_refunds.refund_id),"
      " amount_minor = greatest(provider_refunds.amount_minor, excluded.amount_minor),"
      " failed = provider_refunds.failed OR excluded.failed", // what failed stays so, whatever is repeated
                                                              // later
      pg::parameters()
          .add(refund.object_id)
          .add(purchase.tenant)
          .add(purchase.purchase_id)
          .add(refund.refund_id)
          .add(refund.amount_minor)
          .add(refund.failed)
          .add(purchase.payment_id)
  );
}

void save_seen(pg::transaction& in, const payment_record& purchase, const seen_dispute& dispute) {
  in.execute(
      "INSERT INTO payment_disputes (dispute_id, tenant_id, purchase_id, amount_minor, phase, payment_id)"
      " VALUES ($1, $2, $3, $4, $5, nullif($6, '')) ON CONFLICT (dispute_id) DO UPDATE"
      " SET amount_minor = excluded.amount_minor, phase = excluded.phase",
      pg::parameters()
          .add(dispute.dispute_id)
          .add(purchase.tenant)
          .add(purchase.purchase_id)
          .add(dispute.amount_minor)
          .add(static_cast<std::int16_t>(dispute.phase))
          .add(purchase.payment_id)
  );
}

void instruct(
    pg::transaction& in,
    const payment_record& purchase,
    std::string_view subject,
    std::string_view kind,
    const instruction& row
) {
  leave(in, purchase.tenant, row);
  remember(in, purchase, row.id, subject, kind, row.wanted);
}

void give_back(
    pg::transaction& in, const payment_record& purchase, std::string_view subject, const receive_credits& row
) {
  leave(in, purchase.tenant, row);
  remember(in, purchase, row.id, subject, "reinstate", row.lots.front().amount);
}

void set_status(pg::transaction& in, const std::string& purchase_id, std::string_view status) {
  in.execute(
      "UPDATE credit_purchases SET status = $2 WHERE purchase_id = $1 AND status <> $2"
      " AND completed_at IS NOT NULL",
      pg::parameters().add(purchase_id).add(status)
  );
}

} // namespace tessera::persistence
