-- Plans (docs/decisions/0066-plans.md): which month of its plan a tenant is in, and what became of it.

CREATE TABLE tenant_plans (
  tenant_id    uuid PRIMARY KEY REFERENCES tenants,
  plan         text NOT NULL,        -- for which the period is; the tenant's own may be another by now
  anchor       timestamptz NOT NULL, -- months are counted from here, so that the 31st comes back
  period_start timestamptz NOT NULL,
  period_end   timestamptz NOT NULL,
  state        text NOT NULL CONSTRAINT tenant_plans_state_is_known CHECK (state IN ('granted', 'charging', 'unpaid')),
  purchase_id  text REFERENCES credit_purchases,
  attempts     integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz        -- of what is unpaid; null: none
);
-- Each period of each plan gives its credits once.
CREATE TABLE plan_periods (
  tenant_id    uuid NOT NULL REFERENCES tenants,
  plan         text NOT NULL,
  period_start timestamptz NOT NULL,
  period_end   timestamptz NOT NULL,
  inbox_id     uuid NOT NULL, -- the row that brings them
  purchase_id  text REFERENCES credit_purchases,
  CONSTRAINT plan_periods_once PRIMARY KEY (tenant_id, plan, period_start)
);
CREATE INDEX plan_periods_running ON plan_periods (tenant_id, plan, period_end);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenant_plans', 'plan_periods'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON tenant_plans, plan_periods TO tessera_api;
GRANT UPDATE (plan, anchor, period_start, period_end, state, purchase_id, attempts, next_attempt_at) ON tenant_plans
  TO tessera_api;

-- Tenants whose month is over, whose plan is another one, or that are to be charged again; for a transaction of no tenant.
-- What is paid for waits until the tenant has a way to pay.
CREATE FUNCTION tenants_with_due_plans(most bigint) RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.tenant_id FROM tenants t
  JOIN entities n ON n.tenant_id = t.tenant_id AND n.entity_type = 1 AND n.status = 'active'
  LEFT JOIN tenant_plans s ON s.tenant_id = t.tenant_id
  WHERE (s.tenant_id IS NULL OR s.plan <> t.plan OR s.period_end <= clock_timestamp()
         OR (s.state = 'unpaid' AND s.next_attempt_at <= clock_timestamp()))
    AND coalesce(s.state <> 'charging', true)
    AND (t.plan = 'free' OR EXISTS (SELECT FROM payment_methods m WHERE m.account_id = n.account_id AND m.is_default))
    AND current_tenant() = '00000000-0000-0000-0000-000000000000'
  LIMIT most
$$;
GRANT EXECUTE ON FUNCTION tenants_with_due_plans(bigint) TO tessera_api;
