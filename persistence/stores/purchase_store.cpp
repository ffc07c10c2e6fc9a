#include "persistence/stores/purchase_store.hpp"

#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/fraud_store.hpp"
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

/// Pending until it is paid and the account has taken the credits in: the round that does so says so here.
/// What is to be paid at a provider is looked after from the first minute on, whatever becomes of the call.
void insert_purchase(
    pg::transaction& in,
    const purchase_credits& command,
    const std::string& purchase_id,
    const credit_package& package,
    std::string_view origin = {}
) {
  in.execute(
      "INSERT INTO credit_purchases (purchase_id, tenant_id, account_id, package_id, credits_purchased, "
      "amount_minor, currency, payment_method, status, billing_address, requested_by, package_name, network,"
      " validity_days, stripe_price_id, principal_kind, principal_application, request_id, origin, "
      "next_check_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', nullif($9, '')::jsonb, $10, $11, $18, $12, $13, "
      "$14, "
      "$15, $16, $17, CASE WHEN $8 = 'stripe' THEN clock_timestamp() + interval '30 s' END)",
      pg::parameters()
          .add(purchase_id)
          .add(command.tenant)
          .add(command.account)
          .add(package.id)
          .add(package.amount.value())
          .add(package.price_minor)
          .add(package.currency)
          .add(command.payment_method)
          .add(command.billing_address)
          .add(command.requested_by.id)
          .add(package.name)
          .add(std::int32_t{package.validity_days})
          .add(package.stripe_price_id)
          .add(static_cast<std::int16_t>(command.requested_by.kind))
          .add(command.requested_by.application)
          .add(command.request_id)
          .add(origin)
          .add(command.network)
  );
}

/// What nobody has to pay for is settled at once.
void settle(
    pg::transaction& in,
    const purchase_credits& command,
    const purchase_ids& ids,
    const credit_package& package
) {
  leave(in, command.tenant, row_of(in, command, ids, package));
  in.execute(
      "UPDATE credit_purchases p SET inbox_id = i.inbox_id, expiry_date = i.expiry_date,"
      " expires_at = i.expires_at FROM credit_inbox i WHERE p.purchase_id = $1 AND i.inbox_id = $2",
      pg::parameters().add(ids.purchase_id).add(ids.inbox)
  );
}

/// What the rules have flagged, written down, and what becomes of the purchase.
struct judgement_of_purchase {
  std::vector<fraud_hit> hits;
  bool is_held = false;
  bool is_blocked = false;
};

judgement_of_purchase judge(
    pg::transaction& in,
    const purchase_credits& command,
    const credit_package& package,
    const purchase_judge& by
) {
  judgement_of_purchase found;
  if (!by.judge) return found;
  const auto rules = by.rules(fraud_rules_of(in, command.tenant).rules);
  take_turns_buying(in, command, rules);
  found.hits = by.judge(history_of(in, command, package, rules), rules);
  for (const auto& hit : found.hits) {
    found.is_held |= hit.rule.action == fraud_action::hold;
    found.is_blocked |= hit.rule.action == fraud_action::block;
  }
  return found;
}

void write_down(
    pg::transaction& in,
    const purchase_credits& command,
    const credit_package& package,
    const std::string& purchase_id,
    const judgement_of_purchase& found,
    const purchase_judge& by
) {
  for (const auto& hit : found.hits) {
    const bool holds = hit.rule.action == fraud_action::hold && !found.is_blocked;
    const bool blocks = hit.rule.action == fraud_action::block;
    insert_flag(
        in,
        command,
        package,
        by.new_flag_id(),
        purchase_id,
        hit,
        holds    ? "open"
        : blocks ? "blocked"
                 : "logged"
    );
  }
}

void hold_for_review(pg::transaction& in, const std::string& purchase_id) {
  in.execute(
      "UPDATE credit_purchases SET status = 'review', failure_code = 'fraud_review', next_check_at = NULL"
      " WHERE purchase_id = $1",
      pg::parameters().add(purchase_id)
  );
}

errc reason_of(std::string_view refused) {
  if (refused.empty()) return errc::ok;
  return refused == to_string(errc::purchase_limit_reached) ? errc::purchase_limit_reached
                                                            : errc::package_inactive;
}

} // namespace

result<purchase_accepted> purchase(
    pg::transaction& in, const purchase_credits& command, const purchase_ids& ids, const purchase_judge& by
) {
  // Whoever edits the package waits until this is recorded with the terms that were read.
  const auto found = find_package(in, command.tenant, command.package_id, row_lock::for_share);
  if (!found) return errc::package_unknown;
  const auto first = begin_call(in, command.tenant, command.idempotency);
  if (!first) return first.why();
  if (*first)
    return purchase_accepted{(*first)->resource, true, reason_of((*first)->refused), command.payment_method};
  const auto& package = *found;
  if (!package.active) {
    finish_call(in, command.idempotency, "", to_string(errc::package_inactive));
    return purchase_accepted{"", false, errc::package_inactive, command.payment_method};
  }
  // An entity that was deleted a moment ago takes nothing in.
  if (!hold_entity(in, command.tenant, command.account)) return errc::entity_unknown;
  const auto judged = judge(in, command, package, by);
  if (judged.is_blocked) {
    write_down(in, command, package, "", judged, by);
    finish_call(in, command.idempotency, "", to_string(errc::purchase_limit_reached));
    return purchase_accepted{"", false, errc::purchase_limit_reached, command.payment_method};
  }
  insert_purchase(in, command, ids.purchase_id, package);
  write_down(in, command, package, ids.purchase_id, judged, by);
  if (judged.is_held)
    hold_for_review(in, ids.purchase_id);
  else if (command.payment_method == "test")
    settle(in, command, ids, package);
  finish_call(in, command.idempotency, ids.purchase_id);
  return purchase_accepted{ids.purchase_id, false, errc::ok, command.payment_method};
}

order_outcome order(
    pg::transaction& in,
    const purchase_credits& command,
    const std::string& purchase_id,
    const credit_package& what,
    std::string_view origin,
    const purchase_judge& by
) {
  if (!hold_entity(in, command.tenant, command.account)) return order_outcome::nobody;
  const auto judged = judge(in, command, what, by);
  if (judged.is_blocked) {
    write_down(in, command, what, "", judged, by);
    return order_outcome::blocked;
  }
  insert_purchase(in, command, purchase_id, what, origin);
  write_down(in, command, what, purchase_id, judged, by);
  if (!judged.is_held) return order_outcome::ordered;
  hold_for_review(in, purchase_id);
  return order_outcome::held;
}

result<purchase_receipt> receipt_of(pg::transaction& in, const purchase_query& query) {
  const auto rows = in.execute(
      "SELECT p.purchase_id, CASE WHEN i.absorbed_seq IS NULL THEN p.status ELSE 'completed' END,"
      " CASE WHEN i.absorbed_seq IS NULL THEN 0 ELSE p.credits_purchased END,"
      " coalesce(e.available_after, (SELECT last.available_after FROM credit_entries last"
      "   WHERE last.account_id = p.account_id ORDER BY last.seq DESC LIMIT 1)),"
      " p.expiry_date::text, p.expires_at, coalesce(i.refused_code, ''), p.checkout_url, p.client_secret,"
      " p.failure_code, p.failure_message"
      " FROM credit_purchases p LEFT JOIN credit_inbox i USING (inbox_id)"
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
      rows.is_null(0, 4) ? std::string() : rows.text(0, 4),
      rows.optional_time(0, 5),
      rows.text(0, 6),
      false,
      rows.text(0, 7),
      rows.text(0, 8),
      rows.text(0, 9),
      rows.text(0, 10),
  };
}

} // namespace tessera::persistence
