#include "persistence/stores/auto_topup_store.hpp"

namespace tessera::persistence {

namespace {

// The day and the month are the tenant's. What came to nothing does not count. $2 the account.
#define TESSERA_TOPUPS_BOUGHT                                                                                \
  " CROSS JOIN LATERAL (SELECT"                                                                              \
  "   date_trunc('day', clock_timestamp() AT TIME ZONE n.timezone) AT TIME ZONE n.timezone AS today,"        \
  "   date_trunc('month', clock_timestamp() AT TIME ZONE n.timezone) AT TIME ZONE n.timezone AS month) AS s" \
  " CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE b.created_at >= s.today) AS today,"                    \
  "   count(*) AS month, coalesce(sum(b.amount_minor), 0)::bigint AS money FROM credit_purchases b"          \
  "  WHERE b.account_id = $2 AND b.origin = 'auto_topup' AND b.created_at >= s.month"                        \
  "   AND b.status NOT IN ('failed', 'canceled', 'expired')) AS bought"

auto_topup_terms terms_at(const pg::rows& rows) {
  auto_topup_terms terms;
  terms.enabled = rows.boolean(0, 0);
  terms.threshold = credits{rows.int8(0, 1)};
  terms.package_id = rows.text(0, 2);
  if (!rows.is_null(0, 3)) terms.max_per_day = rows.int4(0, 3);
  if (!rows.is_null(0, 4)) terms.max_per_month = rows.int4(0, 4);
  terms.max_amount_minor_per_month = rows.optional_int8(0, 5);
  return terms;
}

pg::parameters terms_of(const set_auto_topup& command) {
  const auto& terms = command.terms;
  pg::parameters values;
  values.add(command.tenant).add(command.account).add(terms.enabled).add(terms.threshold.value());
  values.add(terms.package_id).add(terms.max_per_day).add(terms.max_per_month);
  values.add(terms.max_amount_minor_per_month);
  values.add(static_cast<std::int16_t>(command.requested_by.kind)).add(command.requested_by.id);
  return values.add(command.requested_by.application).add(command.request_id).add(command.network);
}

std::int64_t version_of(pg::transaction& in, const account_id& account) {
  const auto rows = in.execute(
      "SELECT version FROM auto_topups WHERE account_id = $1 FOR UPDATE", pg::parameters().add(account)
  );
  return rows.empty() ? 0 : rows.int8(0, 0);
}

bool has_seen(const std::optional<std::vector<std::int64_t>>& seen, std::int64_t version) {
  if (!seen) return true;
  for (const auto each : *seen)
    if (each == version) return true;
  return false;
}

} // namespace

errc save_auto_topup(pg::transaction& in, const set_auto_topup& command) {
  if (!has_seen(command.only_versions, version_of(in, command.account))) return errc::precondition_failed;
  in.execute(
      "INSERT INTO auto_topups (tenant_id, account_id, enabled, threshold, package_id, max_per_day,"
      " max_per_month, max_amount_minor_per_month, principal_kind, principal_id, principal_application,"
      " request_id, network) SELECT $1, e.account_id, $3, $4, $5, $6::bigint, $7::bigint, $8, $9, $10, $11, "
      "$12, $13"
      " FROM entities e WHERE e.tenant_id = $1 AND e.account_id = $2"
      " ON CONFLICT (account_id) DO UPDATE SET enabled = $3, threshold = $4, package_id = $5,"
      " max_per_day = $6::bigint, max_per_month = $7::bigint, max_amount_minor_per_month = $8,"
      " principal_kind = $9, principal_id = $10, principal_application = $11, request_id = $12, network = "
      "$13,"
      " purchase_id = CASE WHEN EXISTS (SELECT FROM credit_purchases p WHERE p.purchase_id ="
      "   auto_topups.purchase_id AND ((p.status = 'review' AND p.failure_code <> 'fraud_review')"
      "   OR (p.status = 'failed' AND p.inbox_id IS NOT NULL))) THEN NULL ELSE auto_topups.purchase_id END,"
      " declines = 0, ended_by = '', version = auto_topups.version + 1, updated_at = clock_timestamp(),"
      " not_before = CASE auto_topups.paused_for WHEN 'cool_down' THEN auto_topups.not_before END,"
      " paused_for = CASE auto_topups.paused_for WHEN 'cool_down' THEN 'cool_down' ELSE '' END",
      terms_of(command)
  );
  return errc::ok;
}

auto_topup_view find_auto_topup(pg::transaction& in, const auto_topup_query& query) {
  auto_topup_view view;
  view.entity = query.entity;
  const auto rows = in.execute(
      "SELECT t.enabled, t.threshold, t.package_id, t.max_per_day, t.max_per_month,"
      " t.max_amount_minor_per_month, coalesce(k.currency, ''), bought.today, bought.month, bought.money,"
      " t.declines, t.ended_by, CASE WHEN t.not_before > clock_timestamp() THEN t.paused_for ELSE '' END,"
      " CASE WHEN t.not_before > clock_timestamp() THEN t.not_before END, coalesce(t.purchase_id, ''),"
      " coalesce(p.status, ''), t.version"
      " FROM auto_topups t JOIN tenants n ON n.tenant_id = t.tenant_id"
      " LEFT JOIN credit_packages k ON k.tenant_id = t.tenant_id AND k.package_id = t.package_id"
      " LEFT JOIN credit_purchases p ON p.purchase_id = t.purchase_id" TESSERA_TOPUPS_BOUGHT
      " WHERE t.tenant_id = $1 AND t.account_id = $2",
      pg::parameters().add(query.tenant).add(query.account)
  );
  if (rows.empty()) return view;
  view.terms = terms_at(rows);
  view.currency = rows.text(0, 6);
  view.bought_today = rows.int8(0, 7);
  view.bought_this_month = rows.int8(0, 8);
  view.amount_minor_this_month = rows.int8(0, 9);
  view.declines = rows.int4(0, 10);
  view.ended_by = rows.text(0, 11);
  view.paused_for = rows.text(0, 12);
  view.paused_until = rows.optional_time(0, 13);
  view.last_purchase_id = rows.text(0, 14);
  view.last_status = rows.text(0, 15);
  view.version = rows.int8(0, 16);
  return view;
}

std::optional<due_auto_topup>
hold_due_auto_topup(pg::transaction& in, const tenant_id& tenant, const account_id& account) {
  // First the lock: what is read after it nobody changes.
  const auto held = in.execute(
      "SELECT FROM auto_topups WHERE tenant_id = $1 AND account_id = $2 FOR UPDATE",
      pg::parameters().add(tenant).add(account)
  );
  if (held.empty()) return std::nullopt;
  const auto rows = in.execute(
      "SELECT t.enabled, t.threshold, t.package_id, t.max_per_day, t.max_per_month,"
      " t.max_amount_minor_per_month, bought.today, bought.month, bought.money, last.available_after,"
      " last.debt_after, coalesce(k.credits, 0), coalesce(k.price_minor, 0), coalesce(k.is_active, false),"
      " t.principal_kind, t.principal_id, t.principal_application, t.request_id, t.network"
      " FROM auto_topups t JOIN tenants n ON n.tenant_id = t.tenant_id"
      " JOIN entities o ON o.account_id = t.account_id AND o.status <> 'deleted'"
      " LEFT JOIN credit_packages k ON k.tenant_id = t.tenant_id AND k.package_id = t.package_id"
      " LEFT JOIN credit_purchases p ON p.purchase_id = t.purchase_id"
      " CROSS JOIN LATERAL (SELECT e.available_after, e.debt_after FROM credit_entries e"
      "  WHERE e.account_id = t.account_id ORDER BY e.seq DESC LIMIT 1) AS last" TESSERA_TOPUPS_BOUGHT
      " WHERE t.tenant_id = $1 AND t.account_id = $2 AND t.enabled"
      " AND coalesce(t.not_before <= clock_timestamp(), true)"
      " AND coalesce(p.status NOT IN ('pending', 'review')"
      "  AND (p.status <> 'failed' OR p.inbox_id IS NULL), true)",
      pg::parameters().add(tenant).add(account)
  );
  if (rows.empty()) return std::nullopt;
  due_auto_topup due;
  due.now.terms = terms_at(rows);
  due.now.bought_today = rows.int8(0, 6);
  due.now.bought_this_month = rows.int8(0, 7);
  due.now.amount_minor_this_month = rows.int8(0, 8);
  due.now.available = credits{rows.int8(0, 9)};
  due.now.debt = credits{rows.int8(0, 10)};
  due.now.per_package = credits{rows.int8(0, 11)};
  due.now.price_minor = rows.int8(0, 12);
  due.is_for_sale = rows.boolean(0, 13);
  due.buyer.kind = static_cast<principal_kind>(rows.int2(0, 14));
  due.buyer.id = rows.text(0, 15);
  due.buyer.application = rows.text(0, 16);
  due.request_id = rows.text(0, 17);
  due.network = rows.text(0, 18);
  return due;
}

bool hold_topup_waiting_for(pg::transaction& in, const payment_record& purchase) {
  return !in.execute(
                "SELECT FROM auto_topups WHERE account_id = $1 AND purchase_id = $2 AND enabled FOR SHARE",
                pg::parameters().add(purchase.account).add(purchase.purchase_id)
  )
              .empty();
}

void note_auto_topup(pg::transaction& in, const account_id& account, const std::string& purchase_id) {
  in.execute(
      "UPDATE auto_topups SET purchase_id = $2, not_before = NULL, paused_for = '' WHERE account_id = $1",
      pg::parameters().add(account).add(purchase_id)
  );
}

void pause_auto_topup(pg::transaction& in, const account_id& account, std::string_view cap) {
  in.execute(
      "WITH before AS (SELECT b.account_id, b.paused_for FROM auto_topups b WHERE b.account_id = $1),"
      " paused AS (UPDATE auto_topups t SET paused_for = CASE WHEN $2 IN ('package', 'fraud') THEN $2 "
      "ELSE "
      "'cap' END,"
      "  not_before = CASE WHEN $2 IN ('package', 'fraud') THEN clock_timestamp() + interval '1 hour' ELSE"
      "   (date_trunc(CASE $2 WHEN 'day' THEN 'day' ELSE 'month' END, clock_timestamp() AT TIME ZONE "
      "n.timezone)"
      "    + CASE $2 WHEN 'day' THEN interval '1 day' ELSE interval '1 month' END) AT TIME ZONE n.timezone "
      "END"
      "  FROM tenants n WHERE n.tenant_id = t.tenant_id AND t.account_id = $1 RETURNING t.account_id, "
      "t.package_id)"
      " SELECT tell_auto_topup_failed(account_id, jsonb_build_object('packageId', package_id, 'reason',"
      "  CASE $2 WHEN 'package' THEN 'The package is not for sale.'"
      "   WHEN 'fraud' THEN 'A rule against fraud refuses it.' ELSE 'The cap of the ' ||"
      "   CASE $2 WHEN 'amount' THEN 'month''s money' ELSE $2 END || ' is reached.' END)) FROM paused JOIN "
      "before USING (account_id)"
      " WHERE before.paused_for <> CASE WHEN $2 IN ('package', 'fraud') THEN $2 ELSE 'cap' END",
      pg::parameters().add(account).add(cap)
  );
}

void auto_topup_paid(pg::transaction& in, const payment_record& purchase, std::chrono::seconds cool_down) {
  in.execute(
      "UPDATE auto_topups SET declines = 0, not_before = clock_timestamp() + $3 * interval '1 s',"
      " paused_for = 'cool_down' WHERE account_id = $1 AND purchase_id = $2",
      pg::parameters().add(purchase.account).add(purchase.purchase_id).add(std::int64_t{cool_down.count()})
  );
}

void auto_topup_failed(
    pg::transaction& in, const payment_record& purchase, std::chrono::seconds back_off, int most
) {
  in.execute(
      "WITH declined AS (UPDATE auto_topups SET declines = declines + 1,"
      "  not_before = clock_timestamp() + $3 * interval '1 s', paused_for = 'declined',"
      "  enabled = enabled AND declines + 1 < $4,"
      "  version = version + CASE WHEN enabled AND declines + 1 >= $4 THEN 1 ELSE 0 END,"
      "  ended_by = CASE WHEN enabled AND declines + 1 >= $4 THEN 'declines' ELSE ended_by END"
      "  WHERE account_id = $1 AND purchase_id = $2 RETURNING account_id, package_id, ended_by)"
      " SELECT tell_auto_topup_failed(account_id, jsonb_strip_nulls(jsonb_build_object('packageId', "
      "package_id,"
      "  'purchaseId', $2::text, 'reason', $5::text, 'endedBy', nullif(ended_by, '')))) FROM declined",
      pg::parameters()
          .add(purchase.account)
          .add(purchase.purchase_id)
          .add(std::int64_t{back_off.count()})
          .add(std::int64_t{most})
          .add(purchase.failure_message)
  );
}

void end_auto_topup(
    pg::transaction& in, const payment_record& purchase, std::string_view why, std::string_view reason
) {
  in.execute(
      "WITH ended AS (UPDATE auto_topups SET enabled = false, ended_by = $3, version = version + 1"
      "  WHERE account_id = $1 AND purchase_id = $2 AND enabled RETURNING account_id, package_id)"
      " SELECT tell_auto_topup_failed(account_id, jsonb_build_object('packageId', package_id,"
      "  'purchaseId', $2::text, 'reason', $4::text, 'endedBy', $3::text)) FROM ended",
      pg::parameters().add(purchase.account).add(purchase.purchase_id).add(why).add(reason)
  );
}

void end_auto_topup_of_disputed(pg::transaction& in, const account_id& account) {
  in.execute(
      "WITH ended AS (UPDATE auto_topups SET enabled = false, ended_by = 'dispute', version = version + 1"
      "  WHERE account_id = $1 AND enabled RETURNING account_id, package_id)"
      " SELECT tell_auto_topup_failed(account_id, jsonb_build_object('packageId', package_id,"
      "  'reason', 'A payment is disputed.', 'endedBy', 'dispute')) FROM ended",
      pg::parameters().add(account)
  );
}

std::vector<account_place> accounts_to_top_up(pg::transaction& in, std::int64_t most) {
  const auto rows =
      in.execute("SELECT tenant_id, account_id FROM accounts_to_top_up($1)", pg::parameters().add(most));
  std::vector<account_place> places;
  for (int i = 0; i < rows.size(); ++i)
    places.push_back({rows.id<tenant_id>(i, 0), rows.id<account_id>(i, 1)});
  return places;
}

} // namespace tessera::persistence
