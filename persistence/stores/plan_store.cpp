#include "persistence/stores/plan_store.hpp"

#include <utility>

namespace tessera::persistence {

plan_usage plan_usage_of(pg::transaction& in, const tenant_id& tenant) {
  const auto rows = in.execute(
      "SELECT t.plan, (SELECT count(*) FROM entities e WHERE e.tenant_id = $1 AND e.entity_type = 3"
      "  AND e.status = 'active'), (SELECT count(*) FROM applications a WHERE a.tenant_id = $1"
      "  AND a.deleted_at IS NULL) FROM tenants t WHERE t.tenant_id = $1",
      pg::parameters().add(tenant)
  );
  return rows.empty() ? plan_usage{} : plan_usage{rows.text(0, 0), rows.int8(0, 1), rows.int8(0, 2)};
}

plan_standing plan_standing_of(pg::transaction& in, const tenant_id& tenant) {
  const auto rows = in.execute(
      "SELECT t.plan, coalesce(s.state, 'none'), s.period_start, s.period_end, coalesce(s.purchase_id, '')"
      " FROM tenants t LEFT JOIN tenant_plans s ON s.tenant_id = t.tenant_id AND s.plan = t.plan"
      "  AND s.period_end > clock_timestamp() WHERE t.tenant_id = $1",
      pg::parameters().add(tenant)
  );
  if (rows.empty()) return {};
  return {
      rows.text(0, 0), rows.text(0, 1), rows.optional_time(0, 2), rows.optional_time(0, 3), rows.text(0, 4)};
}

namespace {

/// Whoever begins a month and whoever settles one take turns, also before there is a row of it.
void take_turns(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7204))", pg::parameters().add(tenant));
}

} // namespace

std::optional<due_period> hold_due_period(pg::transaction& in, const tenant_id& tenant) {
  take_turns(in, tenant);
  // A month of the plan that was given and is not over goes on as it is, from start to end, whatever the
  // tenant had meanwhile. Otherwise the same plan goes on in the month that is running by now, none is made
  // up for, and another plan begins now. Months are counted in the tenant's zone, which may be another one
  // than that of the last month: the next does not begin before the end of that one, and it is none of a few
  // hours.
  const auto rows = in.execute(
      "WITH now AS (SELECT t.tenant_id, t.plan, t.timezone, clock_timestamp() AS at, n.account_id,"
      "  s.plan AS last_plan, s.anchor, s.period_start, s.period_end, s.state, s.next_attempt_at"
      "  FROM tenants t JOIN entities n ON n.tenant_id = t.tenant_id AND n.entity_type = 1"
      "   AND n.status = 'active'"
      "  LEFT JOIN tenant_plans s ON s.tenant_id = t.tenant_id WHERE t.tenant_id = $1),"
      " anchored AS (SELECT now.*, r.period_start AS given_start, r.period_end AS given_end,"
      "   coalesce(r.anchor, r.period_start) AS given_anchor,"
      "   CASE WHEN last_plan = plan THEN now.anchor ELSE at END AS since,"
      "   CASE WHEN last_plan = plan AND now.period_end > at THEN now.period_start END AS begun,"
      "   CASE WHEN last_plan = plan AND now.period_end <= at THEN now.period_end END AS last_end"
      "  FROM now LEFT JOIN LATERAL (SELECT p.anchor, p.period_start, p.period_end FROM plan_periods p"
      "   WHERE p.tenant_id = $1 AND p.plan = now.plan AND p.period_end > now.at"
      "   ORDER BY p.period_end DESC LIMIT 1) AS r ON true),"
      " counted AS (SELECT a.*, coalesce((SELECT max(n) FROM generate_series(0, 2400) AS n WHERE"
      "   (a.since AT TIME ZONE a.timezone + n * interval '1 month') AT TIME ZONE a.timezone <= a.at), 0)"
      "   AS months FROM anchored a),"
      " started AS (SELECT c.*, coalesce(c.begun, greatest(c.last_end,"
      "   (c.since AT TIME ZONE c.timezone + c.months * interval '1 month') AT TIME ZONE c.timezone)) AS "
      "start"
      "  FROM counted c)"
      " SELECT c.plan, c.account_id, coalesce(c.given_start, c.start), coalesce(c.given_end,"
      "   CASE WHEN c.begun IS NOT NULL THEN c.period_end ELSE"
      "   (SELECT min(e.at) FROM (SELECT (c.since AT TIME ZONE c.timezone + (c.months + k) * interval '1 "
      "month')"
      "     AT TIME ZONE c.timezone AS at FROM generate_series(1, 2) AS k) AS e"
      "    WHERE e.at > c.start + interval '14 days') END),"
      "  c.given_start IS NOT NULL, coalesce(c.given_anchor, c.since)"
      " FROM started c WHERE coalesce(c.state <> 'charging', true) AND (c.last_plan IS NULL"
      "  OR c.last_plan <> c.plan OR c.period_end <= c.at OR (c.state = 'unpaid' AND c.next_attempt_at <= "
      "c.at))",
      pg::parameters().add(tenant)
  );
  if (rows.empty()) return std::nullopt;
  due_period period;
  period.plan = rows.text(0, 0);
  period.account = rows.id<account_id>(0, 1);
  period.start = rows.time(0, 2);
  period.end = rows.time(0, 3);
  period.was_granted = rows.boolean(0, 4);
  period.anchor = rows.time(0, 5);
  return period;
}

namespace {

void stand(
    pg::transaction& in,
    const tenant_id& tenant,
    const due_period& period,
    std::string_view state,
    const std::optional<std::string>& purchase_id
) {
  in.execute(
      "INSERT INTO tenant_plans (tenant_id, plan, anchor, period_start, period_end, state, purchase_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id) DO UPDATE SET"
      " attempts = CASE WHEN (tenant_plans.plan, tenant_plans.period_start) = ($2, $4) THEN "
      "tenant_plans.attempts"
      "  ELSE 0 END, plan = $2, anchor = $3, period_start = $4, period_end = $5, state = $6, purchase_id = "
      "$7,"
      " next_attempt_at = NULL",
      pg::parameters()
          .add(tenant)
          .add(period.plan)
          .add(period.anchor)
          .add(period.start)
          .add(period.end)
          .add(state)
          .add(purchase_id)
  );
}

} // namespace

void take_up_period(pg::transaction& in, const tenant_id& tenant, const due_period& period) {
  stand(in, tenant, period, "granted", std::nullopt);
  in.execute(
      "UPDATE tenant_plans s SET state = 'none' FROM plan_periods p WHERE s.tenant_id = $1"
      " AND p.tenant_id = s.tenant_id AND p.plan = s.plan AND p.period_start = s.period_start"
      " AND p.inbox_id IS NULL",
      pg::parameters().add(tenant)
  );
}

void grant_period(
    pg::transaction& in, const tenant_id& tenant, const due_period& period, const inbox_id& row
) {
  stand(in, tenant, period, "granted", std::nullopt);
  in.execute(
      "INSERT INTO plan_periods (tenant_id, plan, period_start, period_end, anchor, inbox_id)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      pg::parameters()
          .add(tenant)
          .add(period.plan)
          .add(period.start)
          .add(period.end)
          .add(period.anchor)
          .add(row)
  );
}

void charge_period(
    pg::transaction& in, const tenant_id& tenant, const due_period& period, const std::string& purchase_id
) {
  stand(in, tenant, period, "charging", purchase_id);
}

std::optional<time_point> end_of_period(pg::transaction& in, const payment_record& purchase) {
  take_turns(in, purchase.tenant);
  const auto rows = in.execute(
      "SELECT period_end FROM tenant_plans WHERE tenant_id = $1 AND purchase_id = $2"
      " AND period_end > clock_timestamp()",
      pg::parameters().add(purchase.tenant).add(purchase.purchase_id)
  );
  return rows.empty() ? std::nullopt : rows.optional_time(0, 0);
}

void period_paid(pg::transaction& in, const payment_record& purchase) {
  take_turns(in, purchase.tenant);
  in.execute(
      "WITH paid AS (UPDATE tenant_plans SET state = 'granted', next_attempt_at = NULL"
      "  WHERE tenant_id = $1 AND purchase_id = $2 RETURNING tenant_id, plan, period_start,"
      "  period_end, anchor)"
      " INSERT INTO plan_periods (tenant_id, plan, period_start, period_end, anchor, inbox_id, purchase_id)"
      " SELECT d.tenant_id, d.plan, d.period_start, d.period_end, d.anchor, p.inbox_id, p.purchase_id FROM "
      "paid d"
      " JOIN credit_purchases p ON p.purchase_id = $2 WHERE p.inbox_id IS NOT NULL"
      " ON CONFLICT ON CONSTRAINT plan_periods_once DO NOTHING",
      pg::parameters().add(purchase.tenant).add(purchase.purchase_id)
  );
}

void period_unpaid(
    pg::transaction& in, const payment_record& purchase, std::chrono::seconds again_after, int most_attempts
) {
  const bool is_looked_at = purchase.status == "review";
  in.execute(
      "WITH unpaid AS (UPDATE tenant_plans SET state = 'unpaid', attempts = attempts + 1, next_attempt_at = "
      "CASE"
      "  WHEN attempts + 1 < $4 THEN clock_timestamp() + $3 * interval '1 s' END"
      "  WHERE tenant_id = $1 AND purchase_id = $2 RETURNING plan, next_attempt_at)"
      " SELECT tell_plan_unpaid($1, jsonb_strip_nulls(jsonb_build_object('planId', plan, 'purchaseId', "
      "$2::text,"
      "  'reason', $5::text, 'nextAttemptAt', next_attempt_at))) FROM unpaid",
      pg::parameters()
          .add(purchase.tenant)
          .add(purchase.purchase_id)
          .add(std::int64_t{again_after.count()})
          .add(std::int64_t{most_attempts})
          .add(is_looked_at ? "What was paid needs to be looked at." : purchase.failure_message)
  );
}

std::vector<tenant_id> tenants_with_due_plans(pg::transaction& in, std::int64_t most) {
  const auto rows =
      in.execute("SELECT tenant_id FROM tenants_with_due_plans($1)", pg::parameters().add(most));
  std::vector<tenant_id> tenants;
  for (int i = 0; i < rows.size(); ++i)
    tenants.push_back(rows.id<tenant_id>(i, 0));
  return tenants;
}

} // namespace tessera::persistence
