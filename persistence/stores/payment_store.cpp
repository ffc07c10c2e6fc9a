#include "persistence/stores/payment_store.hpp"

#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/plan_store.hpp"
#include "persistence/stores/validity_store.hpp"

#include <utility>

namespace tessera::persistence {

namespace {

constexpr const char* hold_sql =
    "SELECT p.purchase_id, p.account_id, p.payment_method, p.status, p.inbox_id IS NOT NULL,"
    " i.absorbed_seq IS NOT NULL, p.credits_purchased, p.amount_minor, p.currency, p.package_name,"
    " p.stripe_price_id, coalesce(p.validity_days, 0), coalesce(p.payment_id, ''),"
    " coalesce(p.session_id, ''), coalesce(p.charge_id, ''), p.checkout_url, p.client_secret,"
    " p.failure_code, p.failure_message, p.refund_seen_minor, p.created_at, p.checks,"
    " coalesce(i.refused_code, ''), p.origin, p.paid_minor"
    " FROM credit_purchases p LEFT JOIN credit_inbox i ON i.inbox_id = p.inbox_id"
    " WHERE p.tenant_id = $1 AND p.purchase_id = $2 FOR NO KEY UPDATE OF p";

payment_record record_at(const pg::rows& rows, const tenant_id& tenant) {
  payment_record record;
  record.purchase_id = rows.text(0, 0);
  record.tenant = tenant;
  record.account = rows.id<account_id>(0, 1);
  record.method = rows.text(0, 2);
  record.status = rows.text(0, 3);
  record.settled = rows.boolean(0, 4);
  record.absorbed = rows.boolean(0, 5);
  record.bought = credits{rows.int8(0, 6)};
  record.amount_minor = rows.int8(0, 7);
  record.currency = rows.text(0, 8);
  record.package_name = rows.text(0, 9);
  record.stripe_price_id = rows.text(0, 10);
  record.validity_days = rows.int4(0, 11);
  record.payment_id = rows.text(0, 12);
  record.session_id = rows.text(0, 13);
  record.charge_id = rows.text(0, 14);
  record.checkout_url = rows.text(0, 15);
  record.client_secret = rows.text(0, 16);
  record.failure_code = rows.text(0, 17);
  record.failure_message = rows.text(0, 18);
  record.refund_seen_minor = rows.int8(0, 19);
  record.created_at = rows.time(0, 20);
  record.checks = rows.int4(0, 21);
  record.refused_code = rows.text(0, 22);
  record.origin = rows.text(0, 23);
  record.paid_minor = rows.int8(0, 24);
  return record;
}

/// Who asked for it then asks for the credits now.
void set_asker(pg::transaction& in, const payment_record& record, receive_credits& row) {
  const auto rows = in.execute(
      "SELECT coalesce(principal_kind, 0::smallint), requested_by, principal_application, request_id"
      " FROM credit_purchases WHERE purchase_id = $1",
      pg::parameters().add(record.purchase_id)
  );
  if (rows.empty()) return;
  row.requested_by.kind = static_cast<principal_kind>(rows.int2(0, 0));
  row.requested_by.id = rows.text(0, 1);
  row.requested_by.application = rows.text(0, 2);
  row.request_id = rows.text(0, 3);
}

std::vector<payment_place> places_in(const pg::rows& rows) {
  std::vector<payment_place> places;
  for (int i = 0; i < rows.size(); ++i)
    places.push_back({rows.id<tenant_id>(i, 0), rows.text(i, 1)});
  return places;
}

} // namespace

std::optional<payment_record>
hold_payment(pg::transaction& in, const tenant_id& tenant, const std::string& purchase_id) {
  const auto rows = in.execute(hold_sql, pg::parameters().add(tenant).add(purchase_id));
  return rows.empty() ? std::nullopt : std::optional(record_at(rows, tenant));
}

void save_payment(pg::transaction& in, const payment_record& record) {
  in.execute(
      "UPDATE credit_purchases SET status = $2, payment_id = nullif($3, ''), session_id = nullif($4, ''),"
      " charge_id = nullif($5, ''), checkout_url = $6, client_secret = $7, failure_code = $8,"
      " failure_message = $9, refund_seen_minor = $10, checks = $11, paid_minor = $12 WHERE purchase_id = $1",
      pg::parameters()
          .add(record.purchase_id)
          .add(record.status)
          .add(record.payment_id)
          .add(record.session_id)
          .add(record.charge_id)
          .add(record.checkout_url)
          .add(record.client_secret)
          .add(record.failure_code)
          .add(record.failure_message)
          .add(record.refund_seen_minor)
          .add(std::int32_t{record.checks})
          .add(record.paid_minor)
  );
}

payment_terms keep_terms(pg::transaction& in, const std::string& purchase_id, const payment_terms& now) {
  in.execute(
      "UPDATE credit_purchases SET asked_at = clock_timestamp(), asked_method = $2, asked_method_customer = "
      "$3,"
      " asked_customer = $4, asked_return_base = $5 WHERE purchase_id = $1 AND asked_at IS NULL",
      pg::parameters()
          .add(purchase_id)
          .add(now.method_id)
          .add(now.method_customer)
          .add(now.customer)
          .add(now.return_base)
  );
  const auto rows = in.execute(
      "SELECT asked_method, asked_method_customer, asked_customer, asked_return_base, asked_at"
      " FROM credit_purchases WHERE purchase_id = $1",
      pg::parameters().add(purchase_id)
  );
  if (rows.empty()) return now;
  return {rows.text(0, 0), rows.text(0, 1), rows.text(0, 2), rows.text(0, 3), rows.time(0, 4)};
}

void settle_payment(
    pg::transaction& in, const payment_record& record, const inbox_id& id, const lot_id& lot_name
) {
  validity_query good{record.tenant, record.validity_days, {}};
  const bool is_of_plan = record.origin == "plan";
  if (const auto end_of_plan = is_of_plan ? end_of_period(in, record) : std::nullopt)
    good = {record.tenant, {}, end_of_plan};
  auto end = find_validity(in, good);
  if (!end) return; // there is no such tenant
  lot bought;
  bought.id = bought.root = lot_name;
  bought.amount = bought.free = record.bought;
  bought.expires_at = end->expires_at;
  bought.expiry_date = std::move(end->expiry_date);
  if (is_of_plan) bought.kind = lot_kind::plan;
  bought.purchase_id = record.purchase_id;
  if (record.amount_minor % record.bought.value() == 0)
    bought.unit_cost_minor = record.amount_minor / record.bought.value();
  bought.currency = record.currency;
  receive_credits row;
  row.id = id;
  row.account = record.account;
  row.lots.push_back(std::move(bought));
  row.reference = record.purchase_id;
  set_asker(in, record, row);
  leave(in, record.tenant, row);
  in.execute(
      "UPDATE credit_purchases p SET inbox_id = i.inbox_id, expiry_date = i.expiry_date,"
      " expires_at = i.expires_at FROM credit_inbox i WHERE p.purchase_id = $1 AND i.inbox_id = $2",
      pg::parameters().add(record.purchase_id).add(id)
  );
}

void note_settler(pg::transaction& in, const mark_paid& command) {
  in.execute(
      "UPDATE credit_purchases SET settled_reference = $3, settled_by_kind = $4, settled_by = $5"
      " WHERE tenant_id = $1 AND purchase_id = $2",
      pg::parameters()
          .add(command.tenant)
          .add(command.purchase_id)
          .add(command.reference)
          .add(static_cast<std::int16_t>(command.requested_by.kind))
          .add(command.requested_by.id)
  );
}

void check_payment_again(
    pg::transaction& in, const std::string& purchase_id, std::optional<std::chrono::milliseconds> after
) {
  const auto ms = after ? std::optional(std::int64_t{after->count()}) : std::nullopt;
  in.execute(
      "UPDATE credit_purchases SET next_check_at = clock_timestamp() + $2 * interval '1 ms'"
      " WHERE purchase_id = $1",
      pg::parameters().add(purchase_id).add(ms)
  );
}

void forget_page(pg::transaction& in, const std::string& purchase_id) {
  in.execute(
      "UPDATE credit_purchases SET checkout_url = '' WHERE purchase_id = $1",
      pg::parameters().add(purchase_id)
  );
}

std::string name_of_tenant(pg::transaction& in, const tenant_id& tenant) {
  const auto rows = in.execute("SELECT id FROM tenants WHERE tenant_id = $1", pg::parameters().add(tenant));
  return rows.empty() ? std::string() : rows.text(0, 0);
}

std::vector<payment_place>
claim_payments(pg::transaction& in, std::int64_t most, std::chrono::milliseconds again) {
  return places_in(in.execute(
      "SELECT tenant_id, purchase_id FROM claim_payments($1, $2 * interval '1 ms')",
      pg::parameters().add(most).add(std::int64_t{again.count()})
  ));
}

std::vector<payment_place> payment_home(pg::transaction& in, const payment_news& news) {
  return places_in(in.execute(
      "SELECT tenant_id, purchase_id FROM payment_home($1, $2, $3, $4)",
      pg::parameters().add(news.purchase_id).add(news.payment_id).add(news.session_id).add(news.charge_id)
  ));
}

} // namespace tessera::persistence
