#include "persistence/stores/purchase_store.hpp"

#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/package_store.hpp"

namespace tessera::persistence {

namespace {

/// Takes the key for this call. Nothing: it is new. Otherwise what it stands for.
std::optional<result<purchase_accepted>> first_answer(pg::transaction& in, const purchase_credits& command) {
  // A duplicate that runs at the same time waits here for the first to commit.
  const auto taken = in.execute(
      "INSERT INTO idempotency_keys (idempotency_key, tenant_id, fingerprint, resource_id) VALUES ($1, $2, "
      "$3, '')"
      " ON CONFLICT DO NOTHING",
      pg::parameters().add(command.idempotency->key).add(command.tenant).add(command.idempotency->fingerprint)
  );
  if (taken.affected() == 1) return std::nullopt;
  const auto first = in.execute(
      "SELECT fingerprint, resource_id, refused_code FROM idempotency_keys WHERE idempotency_key = $1",
      pg::parameters().add(command.idempotency->key)
  );
  if (first.empty() || first.uuid_at(0, 0) != command.idempotency->fingerprint)
    return errc::idempotency_key_reused;
  // A purchase is refused here for one reason only.
  const bool refused = !first.bytes(0, 2).empty();
  return purchase_accepted{first.text(0, 1), true, refused ? errc::package_inactive : errc::ok};
}

void finish_key(
    pg::transaction& in, const purchase_credits& command, std::string_view resource, std::string_view refused
) {
  if (command.idempotency)
    in.execute(
        "UPDATE idempotency_keys SET resource_id = $2, refused_code = $3 WHERE idempotency_key = $1",
        pg::parameters().add(command.idempotency->key).add(resource).add(refused)
    );
}

void insert_inbox_row(
    pg::transaction& in,
    const purchase_credits& command,
    const purchase_ids& ids,
    const credit_package& package
) {
  // The credits are good through the end of the last day in the tenant's zone; PostgreSQL knows the zones
  // (R-C 3.9). A cost per unit is written when it is a whole number only: what a unit cost otherwise is the
  // purchase's to say, which has amount and credits (decision 0030).
  in.execute(
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, lot_id, root_lot_id, "
      "lot_kind, priority,"
      " expires_at, expiry_date, purchase_id, unit_cost_minor, currency, principal_kind, principal_id,"
      " principal_application, request_id)"
      " SELECT $1, $2, $3, 1, $4, $5, $5, 4, 50,"
      "  end_of_local_day(d.day, t.timezone), d.day, $7, CASE WHEN $8 % $4 = 0 THEN $8 / $4 END, $9, $10, "
      "$11, $12, $13"
      " FROM tenants t CROSS JOIN LATERAL (SELECT last_good_day(now(), $6, t.timezone) AS day) AS d"
      " WHERE t.tenant_id = $3",
      pg::parameters()
          .add(ids.inbox)
          .add(command.account)
          .add(command.tenant)
          .add(package.amount.value())
          .add(ids.lot)
          .add(std::int32_t{package.validity_days})
          .add(ids.purchase_id)
          .add(package.price_minor)
          .add(package.currency)
          .add(static_cast<std::int16_t>(command.requested_by.kind))
          .add(command.requested_by.id)
          .add(command.requested_by.application)
          .add(command.request_id)
  );
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
  if (command.idempotency)
    if (auto first = first_answer(in, command)) return *first;
  const auto& package = *found;
  if (!package.active) {
    finish_key(in, command, "", to_string(errc::package_inactive));
    return purchase_accepted{"", false, errc::package_inactive};
  }
  // An entity that was deleted a moment ago takes nothing in.
  if (!hold_entity(in, command.tenant, command.account)) return errc::entity_unknown;
  insert_inbox_row(in, command, ids, package);
  insert_purchase(in, command, ids, package);
  finish_key(in, command, ids.purchase_id, "");
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
