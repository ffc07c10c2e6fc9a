-- Buying by itself when a balance is low (docs/decisions/0064-automatic-topups.md).

-- What made a purchase: '' somebody who is there; the others are paid off session or not at all.
ALTER TABLE credit_purchases ADD COLUMN origin text NOT NULL DEFAULT '';
ALTER TABLE credit_purchases ADD CONSTRAINT credit_purchases_origin_is_known
  CHECK (origin IN ('', 'auto_topup', 'plan')) NOT VALID;
CREATE INDEX credit_purchases_by_origin ON credit_purchases (account_id, origin, created_at) WHERE origin <> '';

CREATE TABLE auto_topups (
  account_id  uuid PRIMARY KEY REFERENCES entities,
  tenant_id   uuid NOT NULL REFERENCES tenants,
  enabled     boolean NOT NULL,
  threshold   bigint NOT NULL CONSTRAINT auto_topups_threshold_not_negative CHECK (threshold >= 0),
  package_id  text NOT NULL,
  max_per_day integer,
  max_per_month integer,
  max_amount_minor_per_month bigint,
  purchase_id text REFERENCES credit_purchases, -- the last one: no other while it is not over
  not_before  timestamptz,                      -- no other before
  paused_for  text NOT NULL DEFAULT '' CONSTRAINT auto_topups_pause_is_known
                CHECK (paused_for IN ('', 'cool_down', 'declined', 'cap', 'package')),
  declines    integer NOT NULL DEFAULT 0,       -- since one succeeded
  ended_by    text NOT NULL DEFAULT '' CONSTRAINT auto_topups_end_is_known CHECK (ended_by IN ('', 'declines', 'dispute')),
  principal_kind smallint NOT NULL,             -- who set it, and therefore buys
  principal_id   text NOT NULL,
  principal_application text NOT NULL,
  request_id  text NOT NULL,
  version     bigint NOT NULL DEFAULT 1,
  updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT auto_topups_caps_are_mandatory CHECK (NOT enabled OR (package_id <> '' AND
    max_per_day IS NOT NULL AND max_per_month IS NOT NULL AND max_amount_minor_per_month IS NOT NULL)),
  CONSTRAINT auto_topups_caps_positive CHECK (
    coalesce(max_per_day, 1) > 0 AND coalesce(max_per_month, 1) > 0 AND coalesce(max_amount_minor_per_month, 1) > 0)
);
CREATE INDEX auto_topups_enabled ON auto_topups (account_id) WHERE enabled;
ALTER TABLE auto_topups ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON auto_topups TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE ON auto_topups TO tessera_api;

-- Where a balance has fallen, of all tenants; for a transaction of no tenant. An account's last entry is one look at the
-- ledger's primary key, whatever the account is doing: nobody who spends pays for this. What was paid and then refused by the
-- account is for people to look at: nothing else is bought.
CREATE FUNCTION accounts_to_top_up(most bigint) RETURNS TABLE (tenant_id uuid, account_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.tenant_id, t.account_id FROM auto_topups t
  JOIN entities n ON n.account_id = t.account_id AND n.status <> 'deleted'
  LEFT JOIN credit_purchases p ON p.purchase_id = t.purchase_id
  CROSS JOIN LATERAL (SELECT e.available_after FROM credit_entries e WHERE e.account_id = t.account_id
                      ORDER BY e.seq DESC LIMIT 1) AS last
  WHERE t.enabled AND coalesce(t.not_before <= clock_timestamp(), true)
    AND coalesce(p.status NOT IN ('pending', 'review') AND (p.status <> 'failed' OR p.inbox_id IS NULL), true)
    AND last.available_after <= t.threshold
    AND current_tenant() = '00000000-0000-0000-0000-000000000000'
  ORDER BY t.not_before NULLS FIRST, t.account_id LIMIT most
$$;
GRANT EXECUTE ON FUNCTION accounts_to_top_up(bigint) TO tessera_api;

-- Whoever has SQL as tessera_api can say this of an entity of the tenant, and nothing else.
CREATE FUNCTION tell_auto_topup_failed(account uuid, details jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)
  SELECT gen_random_uuid(), n.tenant_id, n.account_id, 'credits.auto_topup_failed',
         details || jsonb_build_object(
           'entityType', CASE n.entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization' ELSE 'location' END,
           'entityId', n.entity_id)
  FROM entities n WHERE n.account_id = account AND n.tenant_id = current_tenant()
$$;
GRANT EXECUTE ON FUNCTION tell_auto_topup_failed(uuid, jsonb) TO tessera_api;

-- A dispute may close as neither won nor lost: 5.
ALTER TABLE payment_disputes DROP CONSTRAINT payment_disputes_phase_is_known;
ALTER TABLE payment_disputes ADD CONSTRAINT payment_disputes_phase_is_known CHECK (phase BETWEEN 1 AND 5);
