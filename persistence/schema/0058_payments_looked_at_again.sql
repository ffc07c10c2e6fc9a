-- Rules against fraud judge what is bought by itself, too; what people have to look at says so, and ends where somebody
-- says so (docs/decisions/0072-payments-looked-at-again.md).
ALTER TABLE auto_topups DROP CONSTRAINT auto_topups_pause_is_known;
ALTER TABLE auto_topups ADD CONSTRAINT auto_topups_pause_is_known
  CHECK (paused_for IN ('', 'cool_down', 'declined', 'cap', 'package', 'fraud'));
ALTER TABLE auto_topups DROP CONSTRAINT auto_topups_end_is_known;
ALTER TABLE auto_topups ADD CONSTRAINT auto_topups_end_is_known
  CHECK (ended_by IN ('', 'declines', 'dispute', 'review', 'rejected'));

-- From where the months of a plan are counted, so that one that is taken up again goes on with the same days; null: before
-- this migration.
ALTER TABLE plan_periods ADD COLUMN anchor timestamptz;
ALTER TABLE plan_periods ALTER COLUMN inbox_id DROP NOT NULL; -- null: it was paid elsewhere, and nothing is given for it
-- 'none': nothing is charged or given for it.
ALTER TABLE tenant_plans DROP CONSTRAINT tenant_plans_state_is_known;
ALTER TABLE tenant_plans ADD CONSTRAINT tenant_plans_state_is_known
  CHECK (state IN ('granted', 'charging', 'unpaid', 'none'));

-- Of more than can be begun at once, those of a round are no longer always the same ones: a tenant that can't be seen to
-- keeps no other waiting. Whose last month was given and whose card is gone hears of it by a charge that fails.
CREATE OR REPLACE FUNCTION tenants_with_due_plans(most bigint) RETURNS TABLE (tenant_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.tenant_id FROM tenants t
  JOIN entities n ON n.tenant_id = t.tenant_id AND n.entity_type = 1 AND n.status = 'active'
  LEFT JOIN tenant_plans s ON s.tenant_id = t.tenant_id
  WHERE (s.tenant_id IS NULL OR s.plan <> t.plan OR s.period_end <= clock_timestamp()
         OR (s.state = 'unpaid' AND s.next_attempt_at <= clock_timestamp()))
    AND coalesce(s.state <> 'charging', true)
    AND (t.plan = 'free' OR (s.plan = t.plan AND s.state = 'granted')
         OR EXISTS (SELECT FROM payment_methods m WHERE m.account_id = n.account_id AND m.is_default))
    AND current_tenant() = '00000000-0000-0000-0000-000000000000'
  ORDER BY random() LIMIT most
$$;

CREATE FUNCTION tell_plan_unpaid(tenant uuid, details jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)
  SELECT gen_random_uuid(), n.tenant_id, n.account_id, 'credits.plan_unpaid',
         details || jsonb_build_object('entityType', 'tenant', 'entityId', n.entity_id)
  FROM entities n WHERE n.tenant_id = tenant AND n.entity_type = 1 AND n.tenant_id = current_tenant()
$$;
GRANT EXECUTE ON FUNCTION tell_plan_unpaid(uuid, jsonb) TO tessera_api;

-- Disputes that a tenant has lost, which a rule counts with each purchase.
CREATE INDEX payment_disputes_lost ON payment_disputes (tenant_id) WHERE phase = 3;

-- What was paid where that is not what it costs, and of which payment something went back: money that did not fit is not
-- counted against a payment that does, and what was accepted is counted by what was paid.
ALTER TABLE credit_purchases ADD COLUMN paid_minor bigint NOT NULL DEFAULT 0; -- 0: its price
GRANT UPDATE (paid_minor) ON credit_purchases TO tessera_api;
ALTER TABLE provider_refunds ADD COLUMN payment_id text; -- null: it was not said
ALTER TABLE payment_disputes ADD COLUMN payment_id text;

-- From where the terms were said: what is bought by them counts there.
ALTER TABLE auto_topups ADD COLUMN network text NOT NULL DEFAULT '';
-- When administrators were told of it.
ALTER TABLE fraud_flags ADD COLUMN told_at timestamptz;
GRANT UPDATE (told_at) ON fraud_flags TO tessera_api;
