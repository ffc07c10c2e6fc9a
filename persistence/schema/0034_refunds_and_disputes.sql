-- Money that goes back (docs/decisions/0048-money-that-goes-back.md): refunds that we are asked for, refunds and disputes
-- that the provider tells of, and what the accounts were told to do about them.

CREATE TABLE credit_refunds (
  refund_id     text PRIMARY KEY,
  tenant_id     uuid NOT NULL REFERENCES tenants,
  purchase_id   text NOT NULL REFERENCES credit_purchases,
  account_id    uuid NOT NULL,
  units         bigint NOT NULL CONSTRAINT credit_refunds_units_positive CHECK (units > 0),
  amount_minor  bigint NOT NULL CONSTRAINT credit_refunds_amount_not_negative CHECK (amount_minor >= 0),
  state         text NOT NULL CONSTRAINT credit_refunds_state_is_known
                  CHECK (state IN ('recalling', 'holding', 'paying', 'taking', 'releasing', 'succeeded', 'failed')),
  reason        text NOT NULL,
  hold_row      uuid,   -- of the inbox: sets the units aside
  hold_seq      bigint, -- the entry that did
  last_row      uuid,   -- takes them out, or lets them go
  provider_refund_id text,
  failure_code  text NOT NULL DEFAULT '',
  failure_message text NOT NULL DEFAULT '',
  principal_kind smallint NOT NULL,
  principal_id  text NOT NULL,
  principal_application text NOT NULL,
  request_id    text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX credit_refunds_of_purchase ON credit_refunds (purchase_id, created_at);

-- Refunds as the provider knows them, ours among them; and disputes, as far as each has come.
CREATE TABLE provider_refunds (
  object_id    text PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants,
  purchase_id  text NOT NULL REFERENCES credit_purchases,
  refund_id    text, -- ours
  amount_minor bigint NOT NULL,
  failed       boolean NOT NULL
);
CREATE INDEX provider_refunds_of_purchase ON provider_refunds (purchase_id);
CREATE TABLE payment_disputes (
  dispute_id   text PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants,
  purchase_id  text NOT NULL REFERENCES credit_purchases,
  amount_minor bigint NOT NULL,
  phase        smallint NOT NULL CONSTRAINT payment_disputes_phase_is_known CHECK (phase BETWEEN 1 AND 4)
               -- 1 inquiry, 2 open, 3 lost, 4 won or reinstated: only ever rises
);
CREATE INDEX payment_disputes_of_purchase ON payment_disputes (purchase_id);

-- What accounts were told to do on behalf of a purchase: rows of their inboxes, which are the answers.
CREATE TABLE payment_instructions (
  row_id      uuid PRIMARY KEY REFERENCES credit_inbox,
  tenant_id   uuid NOT NULL REFERENCES tenants,
  purchase_id text NOT NULL REFERENCES credit_purchases,
  subject     text NOT NULL, -- a refund or a dispute; '': all that was reversed
  kind        text NOT NULL CONSTRAINT payment_instructions_kind_is_known
                CHECK (kind IN ('recall', 'claw', 'reinstate', 'dispute_hold', 'let_go')),
  units       bigint NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payment_instructions_of_purchase ON payment_instructions (purchase_id, created_at);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['credit_refunds', 'provider_refunds', 'payment_disputes', 'payment_instructions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO tessera_api', name);
  END LOOP;
END $$;
GRANT UPDATE (state, hold_row, hold_seq, last_row, provider_refund_id, failure_code, failure_message) ON credit_refunds
  TO tessera_api;
GRANT UPDATE (amount_minor, failed, refund_id) ON provider_refunds TO tessera_api;
GRANT UPDATE (amount_minor, phase) ON payment_disputes TO tessera_api;
