-- Rules against fraud, and what they flag (docs/decisions/0065-rules-against-fraud.md).

CREATE TABLE fraud_rules (
  tenant_id  uuid PRIMARY KEY REFERENCES tenants,
  rules      jsonb NOT NULL, -- [{rule, action, limit}]: what differs from what is shipped
  version    bigint NOT NULL DEFAULT 1,
  updated_by text NOT NULL DEFAULT '',
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE fraud_flags (
  flag_id      text PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants,
  account_id   uuid NOT NULL REFERENCES entities,
  rule         text NOT NULL,
  action       text NOT NULL CONSTRAINT fraud_flags_action_is_known CHECK (action IN ('log', 'alert', 'hold', 'block')),
  rule_limit   bigint NOT NULL,
  observed     bigint NOT NULL,
  state        text NOT NULL CONSTRAINT fraud_flags_state_is_known
                 CHECK (state IN ('logged', 'open', 'approved', 'rejected', 'blocked')),
  purchase_id  text REFERENCES credit_purchases, -- null: there is none, it was refused
  package_id   text NOT NULL,
  amount_minor bigint NOT NULL,
  currency     text NOT NULL,
  network      text NOT NULL DEFAULT '', -- it came from
  principal_kind smallint NOT NULL,
  principal_id   text NOT NULL,
  principal_application text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_at   timestamptz,
  decided_by   text NOT NULL DEFAULT '',
  note         text NOT NULL DEFAULT '',
  CONSTRAINT fraud_flags_decided_has_its_time CHECK ((state IN ('approved', 'rejected')) = (decided_at IS NOT NULL)),
  CONSTRAINT fraud_flags_open_holds_something CHECK (state <> 'open' OR purchase_id IS NOT NULL)
);
CREATE INDEX fraud_flags_of_a_tenant ON fraud_flags (tenant_id, created_at DESC, flag_id DESC);
CREATE INDEX fraud_flags_of_a_purchase ON fraud_flags (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX fraud_flags_open ON fraud_flags (tenant_id, created_at) WHERE state = 'open';

ALTER TABLE fraud_rules ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON fraud_rules TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT ON fraud_rules TO tessera_api;
GRANT UPDATE (rules, version, updated_by, updated_at) ON fraud_rules TO tessera_api;
ALTER TABLE fraud_flags ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON fraud_flags TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT ON fraud_flags TO tessera_api;
GRANT UPDATE (state, decided_at, decided_by, note) ON fraud_flags TO tessera_api;

-- From where it was bought: the network only.
ALTER TABLE credit_purchases ADD COLUMN network text NOT NULL DEFAULT '';
CREATE INDEX credit_purchases_from_network ON credit_purchases (tenant_id, network, created_at)
  WHERE network <> '';

CREATE FUNCTION tell_fraud_flagged(account uuid, details jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)
  SELECT gen_random_uuid(), n.tenant_id, n.account_id, 'credits.fraud_flagged',
         details || jsonb_build_object(
           'entityType', CASE n.entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization' ELSE 'location' END,
           'entityId', n.entity_id)
  FROM entities n WHERE n.account_id = account AND n.tenant_id = current_tenant()
$$;
GRANT EXECUTE ON FUNCTION tell_fraud_flagged(uuid, jsonb) TO tessera_api;
