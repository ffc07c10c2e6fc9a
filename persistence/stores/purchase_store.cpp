#include "persistence/stores/purchase_store.hpp"

#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/validity_store.hpp"

#include <utility>

namespace tessera::persistence {

namespace {

/// The credits are good through the end of the last day in the tenant's zone (R-C 3.9). A cost per unit is
/// written when it is a whole number only: what a unit cost otherwise is the purchase's to say, which has
/// amount and credits (decision 0030).
receive_credits row_of(
    pg::transaction& in,
    const purchase_credits& command,
    const purchase_ids& ids,
    const credit_package& package
) {
  auto end = find_validity(in, {command.tenant, package.validity_days}).value();
  lot bought;
  bought.id = bought.root = ids.lot;
  bought.amount = bought.free = package.amount;
  bought.expires_at = end.expires_at;
  bought.expiry_date = std::move(end.expiry_date);
  bought.purchase_id = ids.purchase_id;
  if (package.price_minor % package.amount.value() == 0)
    bought.unit_cost_minor = package.price_minor / package.amount.value();
  bought.currency = package.currency;
  receive_credits row;
  row.id = ids.inbox;
  row.account = command.account;
  row.lots.push_back(std::move(bought));
  row.requested_by = command.requested_by;
  row.request_id = command.request_id;
  row.reference = ids.purchase_id;
  return row;
}

/// Pending until the account takes its inbox row in, or refuses it: the round that does says so here.
void insert_purchase(
    pg::transaction& in,
    const purchase_credits& command,
    const purchase_ids& ids,
    const credit_package& package
) {
  in.execute(
      "INSERT INTO credit_purchases (purchase_id, tenant_id, account_id, package_id, credits_purchased, "
      "amount_minor,"
      " currency, payment_method, status, expiry_date, expires_at, inbox_id, billing_address, requested_by, "
      "package_name)"
      " SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'pending', i.expiry_date, i.expires_at, $9,"
      "  nullif($10, '')::jsonb, $11, $12"
      " FROM credit_inbox i WHERE i.inbox_id = $9",
      pg::parameters()
          .add(ids.purchase_id)
          .add(command.tenant)
          .add(command.account)
          .add(package.id)
          .add(package.amount.value())
          .add(package.price_minor)
          .add(package.currency)
          .add(command.payment_method)
          .add(ids.inbox)
          .add(command.billing_address)
          .add(command.requested_by.id)
          .add(package.name)
  );
}

} // namespace

result<purchase_accepted>
purchase(pg::transaction& in, const purchase_credits& command, const purchase_ids& ids) {
  // Whoever edits the package waits until this is recorded with the terms that were read.
  const auto found = find_package(in, command.tenant, command.package_id, row_lock::for_share);
  if (!found) return errc::package_unknown;
  const auto first = begin_call(in, command.tenant, command.idempotency);
  if (!first) return first.why();
  // A purchase is refused here for one reason only.
  if (*first)
    return purchase_accepted{
        (*first)->resource, true, (*first)->refused.empty() ? errc::ok : errc::package_inactive};
  const auto& package = *found;
  if (!package.active) {
    finish_call(in, command.idempotency, "", to_string(errc::package_inactive));
    return purchase_accepted{"", false, errc::package_inactive};
  }
  // An entity that was deleted a moment ago takes nothing in.
  if (!hold_entity(in, command.tenant, command.account)) return errc::entity_unknown;
  leave(in, command.tenant, row_of(in, command, ids, package));
  insert_purchase(in, command, ids, package);
  finish_call(in, command.idempotency, ids.purchase_id);
  return purchase_accepted{ids.purchase_id, false};
}

result<purchase_receipt> receipt_of(pg::transaction& in, const purchase_query& query) {
  const auto rows = in.execute(
      "SELECT p.purchase_id, p.status,"
      " CASE WHEN i.absorbed_seq IS NULL THEN 0 ELSE p.credits_purchased END,"
      " coalesce(e.available_after, (SELECT last.available_after FROM credit_entries last"
      "   WHERE last.account_id = p.account_id ORDER BY last.seq DESC LIMIT 1)),"
      " p.expiry_date::text, p.expires_at, coalesce(i.refused_code, '')"
      " FROM credit_purchases p JOIN credit_inbox i USING (inbox_id)"
      " LEFT JOIN credit_entries e ON e.account_id = p.account_id AND e.seq = i.absorbed_seq"
      " WHERE p.tenant_id = $1 AND p.purchase_id = $2",
      pg::parameters().add(query.tenant).add(query.purchase_id)
  );
  if (rows.empty()) return errc::purchase_unknown;
  return purchase_receipt{
      rows.text(0, 0),
      rows.text(0, 1),
      credits{rows.int8(0, 2)},
      credits{rows.int8(0, 3)},
      rows.text(0, 4),
      rows.optional_time(0, 5),
      rows.text(0, 6),
  };
}

} // namespace tessera::persistence
