#include "persistence/stores/fraud_store.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

#define TESSERA_FRAUD_RULES                                                                                  \
  "SELECT r.version, x.rule, x.action, x.limit FROM fraud_rules r"                                           \
  " LEFT JOIN LATERAL jsonb_to_recordset(r.rules) AS x (rule text, action text, \"limit\" bigint) ON true"   \
  " WHERE r.tenant_id = $1"

/// Rules that this version does not know are none.
said_rules rules_in(const pg::rows& rows) {
  said_rules said;
  for (int i = 0; i < rows.size(); ++i) {
    said.version = rows.int8(i, 0);
    if (rows.is_null(i, 1)) continue;
    const auto kind = parse_fraud_rule(rows.text(i, 1));
    const auto action = parse_fraud_action(rows.text(i, 2));
    if (kind && action) said.rules.push_back({*kind, *action, rows.int8(i, 3)});
  }
  return said;
}

#define TESSERA_FLAG                                                                                         \
  "SELECT f.flag_id, f.rule, f.action, f.rule_limit, f.state, e.entity_type, e.entity_id,"                   \
  " coalesce(f.purchase_id, ''), coalesce(p.status, ''), f.package_id, f.amount_minor, f.currency,"          \
  " f.observed, f.network, f.principal_kind, f.principal_id, f.principal_application, f.created_at,"         \
  " f.decided_at, f.decided_by, f.note"                                                                      \
  " FROM fraud_flags f JOIN entities e ON e.account_id = f.account_id"                                       \
  " LEFT JOIN credit_purchases p ON p.purchase_id = f.purchase_id"

fraud_flag flag_at(const pg::rows& rows, int i) {
  fraud_flag flag;
  flag.flag_id = rows.text(i, 0);
  flag.rule.kind = parse_fraud_rule(rows.text(i, 1)).value_or(fraud_rule_kind::purchases_per_hour);
  flag.rule.action = parse_fraud_action(rows.text(i, 2)).value_or(fraud_action::log);
  flag.rule.limit = rows.int8(i, 3);
  flag.state = rows.text(i, 4);
  flag.entity = {static_cast<entity_type>(rows.int2(i, 5)), rows.text(i, 6)};
  flag.purchase_id = rows.text(i, 7);
  flag.purchase_status = rows.text(i, 8);
  flag.package_id = rows.text(i, 9);
  flag.amount_minor = rows.int8(i, 10);
  flag.currency = rows.text(i, 11);
  flag.observed = rows.int8(i, 12);
  flag.network = rows.text(i, 13);
  flag.requested_by.kind = static_cast<principal_kind>(rows.int2(i, 14));
  flag.requested_by.id = rows.text(i, 15);
  flag.requested_by.application = rows.text(i, 16);
  flag.created_at = rows.time(i, 17);
  flag.decided_at = rows.optional_time(i, 18);
  flag.decided_by = rows.text(i, 19);
  flag.note = rows.text(i, 20);
  return flag;
}

std::optional<fraud_flag> first_of(const pg::rows& rows) {
  return rows.empty() ? std::nullopt : std::optional(flag_at(rows, 0));
}

} // namespace

said_rules fraud_rules_of(pg::transaction& in, const tenant_id& tenant) {
  return rules_in(in.execute(TESSERA_FRAUD_RULES, pg::parameters().add(tenant)));
}

said_rules hold_fraud_rules(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE", pg::parameters().add(tenant));
  return rules_in(in.execute(TESSERA_FRAUD_RULES, pg::parameters().add(tenant)));
}

void save_fraud_rules(
    pg::transaction& in, const set_fraud_rules& command, const std::vector<fraud_rule>& rules
) {
  pg::parameters values;
  values.add(command.tenant);
  values.add_array(type::text, rules, [](const fraud_rule& rule) { return to_string(rule.kind); });
  values.add_array(type::text, rules, [](const fraud_rule& rule) { return to_string(rule.action); });
  values.add_array(type::int8, rules, [](const fraud_rule& rule) { return rule.limit; });
  values.add(command.origin.by.id);
  in.execute(
      "INSERT INTO fraud_rules (tenant_id, rules, updated_by) VALUES ($1, coalesce((SELECT"
      "  jsonb_agg(jsonb_build_object('rule', x.rule, 'action', x.action, 'limit', x.bound))"
      "  FROM unnest($2::text[], $3::text[], $4::bigint[]) AS x (rule, action, bound)), '[]'), $5)"
      " ON CONFLICT (tenant_id) DO UPDATE SET rules = excluded.rules, updated_by = excluded.updated_by,"
      " version = fraud_rules.version + 1, updated_at = clock_timestamp()",
      values
  );
}

namespace {

using enum fraud_rule_kind;

bool may_stop(const std::vector<fraud_rule>& rules, std::initializer_list<fraud_rule_kind> kinds) {
  return std::ranges::any_of(rules, [&](const fraud_rule& rule) {
    return rule.action >= fraud_action::hold && std::ranges::find(kinds, rule.kind) != kinds.end();
  });
}

bool is_asked(const std::vector<fraud_rule>& rules, std::initializer_list<fraud_rule_kind> kinds) {
  return std::ranges::any_of(rules, [&](const fraud_rule& rule) {
    return rule.action != fraud_action::off && std::ranges::find(kinds, rule.kind) != kinds.end();
  });
}

constexpr std::int64_t most_looked_at = 1'000;
constexpr std::int64_t most_counted = 1'000'000'000; // a limit beyond it is none

/// A limit that stops something is exact; of what is only written down the last ones are enough, so many that
/// each limit can be passed.
std::optional<std::int64_t>
most_of(const std::vector<fraud_rule>& rules, std::initializer_list<fraud_rule_kind> kinds) {
  if (may_stop(rules, kinds)) return std::nullopt;
  auto most = most_looked_at;
  for (const auto& rule : rules)
    if (rule.action != fraud_action::off && std::ranges::find(kinds, rule.kind) != kinds.end())
      most = std::max(most, std::min(rule.limit, most_counted) + 1);
  return most;
}

/// No number of purchases says how much money they are: who is to be told of it is told exactly.
std::optional<std::int64_t> most_of_money(const std::vector<fraud_rule>& rules) {
  const bool is_told = std::ranges::any_of(rules, [](const fraud_rule& rule) {
    return rule.kind == amount_minor_per_day && rule.action >= fraud_action::alert;
  });
  return is_told ? std::nullopt : std::optional(most_looked_at);
}

} // namespace

void take_turns_buying(
    pg::transaction& in, const purchase_credits& command, const std::vector<fraud_rule>& rules
) {
  const auto stops = [](const fraud_rule& rule) { return rule.action >= fraud_action::hold; };
  if (std::ranges::none_of(rules, stops)) return;
  if (may_stop(rules, {purchases_per_hour_from_network}) && !command.network.empty())
    in.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1::text || ' ' || $2, 7205))",
        pg::parameters().add(command.tenant).add(command.network)
    );
  in.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7203))", pg::parameters().add(command.account)
  );
}

purchase_history history_of(
    pg::transaction& in,
    const purchase_credits& command,
    const credit_package& package,
    const std::vector<fraud_rule>& rules
) {
  // What a rule refused left no purchase; what failed, or was rejected, was one that was tried. A minor unit
  // is one of whatever currency: nobody gets around a limit with another one. What a plan charges is nobody's
  // choice. `statement_timestamp`, for the other clock keeps an index from being used.
  const auto rows = in.execute(
      "SELECT hour.bought, hour.declined, day.amount, (SELECT true FROM credit_purchases p WHERE $9"
      "   AND p.tenant_id = $1 AND p.account_id = $2 AND p.completed_at IS NOT NULL AND p.origin <> 'plan'"
      "   ORDER BY p.created_at LIMIT 1) IS NOT NULL,"
      " network.bought, lost.disputes"
      " FROM (SELECT count(*) AS bought, count(*) FILTER (WHERE q.status = 'failed') AS declined FROM ("
      "   SELECT p.status FROM credit_purchases p WHERE $5 AND p.tenant_id = $1 AND p.account_id = $2"
      "    AND p.origin <> 'plan' AND p.created_at > statement_timestamp() - interval '1 hour'"
      "   ORDER BY p.created_at DESC LIMIT $6) AS q) AS hour,"
      " (SELECT coalesce(sum(q.amount_minor), 0)::bigint AS amount FROM ("
      "   SELECT p.amount_minor, p.status FROM credit_purchases p WHERE $7 AND p.tenant_id = $1"
      "    AND p.account_id = $2 AND p.origin <> 'plan'"
      "    AND p.created_at > statement_timestamp() - interval '1 day'"
      "   ORDER BY p.created_at DESC LIMIT $8) AS q"
      "  WHERE q.status NOT IN ('failed', 'canceled', 'expired')) AS day,"
      " (SELECT count(*) AS bought FROM (SELECT FROM credit_purchases p WHERE $10 AND p.tenant_id = $1"
      "    AND p.network = $3 AND p.network <> '' AND p.created_at > statement_timestamp() - interval '1 "
      "hour'"
      "   ORDER BY p.created_at DESC LIMIT $11) AS q) AS network,"
      " (SELECT count(*) AS disputes FROM payment_disputes d WHERE $4 AND d.tenant_id = $1 AND d.phase = 3)"
      "  AS lost",
      pg::parameters()
          .add(command.tenant)
          .add(command.account)
          .add(command.network)
          .add(is_asked(rules, {chargebacks}))
          .add(is_asked(rules, {purchases_per_hour, declines_per_hour}))
          .add(most_of(rules, {purchases_per_hour, declines_per_hour}))
          .add(is_asked(rules, {amount_minor_per_day}))
          .add(most_of_money(rules))
          .add(is_asked(rules, {first_purchase_above}))
          .add(is_asked(rules, {purchases_per_hour_from_network}))
          .add(most_of(rules, {purchases_per_hour_from_network}))
  );
  purchase_history known;
  known.purchases_last_hour = rows.int8(0, 0);
  known.declines_last_hour = rows.int8(0, 1);
  known.amount_minor_last_day = rows.int8(0, 2);
  known.paid_purchases = rows.boolean(0, 3) ? 1 : 0;
  known.purchases_last_hour_from_network = rows.int8(0, 4);
  known.chargebacks = rows.int8(0, 5);
  known.amount_minor = package.price_minor;
  return known;
}

void insert_flag(
    pg::transaction& in,
    const purchase_credits& command,
    const credit_package& package,
    const std::string& flag_id,
    const std::string& purchase_id,
    const fraud_hit& hit,
    std::string_view state
) {
  in.execute(
      "INSERT INTO fraud_flags (flag_id, tenant_id, account_id, rule, action, rule_limit, observed, state,"
      " purchase_id, package_id, amount_minor, currency, network, principal_kind, principal_id,"
      " principal_application) SELECT $1, $2, e.account_id, $4, $5, $6, $7, $8, nullif($9, ''), $10, $11, "
      "$12,"
      " $13, $14, $15, $16 FROM entities e WHERE e.tenant_id = $2 AND e.account_id = $3",
      pg::parameters()
          .add(flag_id)
          .add(command.tenant)
          .add(command.account)
          .add(to_string(hit.rule.kind))
          .add(to_string(hit.rule.action))
          .add(hit.rule.limit)
          .add(hit.observed)
          .add(state)
          .add(purchase_id)
          .add(package.id)
          .add(package.price_minor)
          .add(package.currency)
          .add(command.network)
          .add(static_cast<std::int16_t>(command.requested_by.kind))
          .add(command.requested_by.id)
          .add(command.requested_by.application)
  );
  if (hit.rule.action == fraud_action::log) return;
  // Of what is refused or told again and again one word an hour is enough.
  in.execute(
      "WITH told AS (UPDATE fraud_flags SET told_at = clock_timestamp() WHERE flag_id = $2 AND ($4 = 'hold'"
      "  OR NOT EXISTS (SELECT FROM fraud_flags f WHERE f.account_id = $1 AND f.rule = $3 AND f.action = $4"
      "   AND f.told_at > statement_timestamp() - interval '1 hour')) RETURNING flag_id)"
      " SELECT tell_fraud_flagged($1, jsonb_build_object('flagId', $2::text, 'rule', $3::text, 'action', "
      "$4::text,"
      " 'observed', $5::bigint, 'limit', $6::bigint, 'packageId', $7::text) || CASE WHEN $8 = '' THEN '{}'"
      " ELSE jsonb_build_object('purchaseId', $8::text) END) FROM told",
      pg::parameters()
          .add(command.account)
          .add(flag_id)
          .add(to_string(hit.rule.kind))
          .add(to_string(hit.rule.action))
          .add(hit.observed)
          .add(hit.rule.limit)
          .add(package.id)
          .add(purchase_id)
  );
}

std::optional<fraud_flag>
find_flag(pg::transaction& in, const tenant_id& tenant, const std::string& flag_id) {
  return first_of(in.execute(
      TESSERA_FLAG " WHERE f.tenant_id = $1 AND f.flag_id = $2", pg::parameters().add(tenant).add(flag_id)
  ));
}

std::optional<fraud_flag>
hold_flag(pg::transaction& in, const tenant_id& tenant, const std::string& flag_id) {
  return first_of(in.execute(
      TESSERA_FLAG " WHERE f.tenant_id = $1 AND f.flag_id = $2 FOR NO KEY UPDATE OF f",
      pg::parameters().add(tenant).add(flag_id)
  ));
}

fraud_page flags_of(pg::transaction& in, const list_fraud_flags& query) {
  const auto rows = in.execute(
      TESSERA_FLAG " WHERE f.tenant_id = $1 AND ($2 IS NULL OR f.state = $2) AND ($3 IS NULL OR f.rule = $3)"
                   " AND ($4 IS NULL OR (f.created_at, f.flag_id) < ($4, $5))"
                   " ORDER BY f.created_at DESC, f.flag_id DESC LIMIT $6",
      pg::parameters()
          .add(query.tenant)
          .add(query.state)
          .add(query.rule)
          .add(query.after ? std::optional(query.after->first) : std::nullopt)
          .add(query.after ? query.after->second : std::string())
          .add(std::int64_t{query.limit + 1})
  );
  fraud_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.flags.push_back(flag_at(rows, i));
  return page;
}

void decide_flags(pg::transaction& in, const decide_fraud_flag& command, const std::string& purchase_id) {
  in.execute(
      "UPDATE fraud_flags SET state = $3, decided_at = clock_timestamp(), decided_by = $4, note = $5"
      " WHERE tenant_id = $1 AND purchase_id = $2 AND state = 'open'",
      pg::parameters()
          .add(command.tenant)
          .add(purchase_id)
          .add(command.approved ? "approved" : "rejected")
          .add(command.origin.by.id)
          .add(command.note)
  );
}

bool release_purchase(pg::transaction& in, const std::string& purchase_id, bool approved) {
  return in.execute(
               "UPDATE credit_purchases SET status = CASE WHEN $2 THEN 'pending' ELSE 'canceled' END,"
               " failure_code = CASE WHEN $2 THEN '' ELSE 'rejected' END,"
               " failure_message = CASE WHEN $2 THEN '' ELSE 'The purchase was rejected when it was "
               "reviewed.' END,"
               " next_check_at = CASE WHEN $2 AND payment_method = 'stripe' THEN clock_timestamp() +"
               "  interval '30 s' END"
               " WHERE purchase_id = $1 AND status = 'review' AND failure_code = 'fraud_review'",
               pg::parameters().add(purchase_id).add(approved)
         )
             .affected() == 1;
}

} // namespace tessera::persistence
