-- Before 0051 a plan was a word that cost nothing here. A tenant that had a paid one and a card by then is not charged by
-- the upgrade: what it has paid elsewhere goes on for a month, and then the first month of ours begins. Whoever is charged by
-- us has a row already, so this does nothing to a database that has been through 0051 for a while.
-- It is a month of that plan like any other, so it goes on when another one was tried meanwhile.
WITH stands AS (INSERT INTO tenant_plans (tenant_id, plan, anchor, period_start, period_end, state)
SELECT t.tenant_id, t.plan, c.at, c.at, (c.at AT TIME ZONE t.timezone + interval '1 month') AT TIME ZONE t.timezone, 'none'
FROM tenants t
JOIN entities n ON n.tenant_id = t.tenant_id AND n.entity_type = 1 AND n.status = 'active'
CROSS JOIN (SELECT clock_timestamp() AS at) AS c
WHERE t.plan <> 'free'
  AND EXISTS (SELECT FROM payment_methods m WHERE m.account_id = n.account_id AND m.is_default)
  AND NOT EXISTS (SELECT FROM tenant_plans s WHERE s.tenant_id = t.tenant_id)
ON CONFLICT DO NOTHING
RETURNING tenant_id, plan, period_start, period_end, anchor)
INSERT INTO plan_periods (tenant_id, plan, period_start, period_end, anchor)
SELECT tenant_id, plan, period_start, period_end, anchor FROM stands ON CONFLICT DO NOTHING;
