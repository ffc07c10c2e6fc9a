-- Paying with money (docs/decisions/0046-paying.md). A purchase is a row before the provider hears of it; what the
-- provider says moves it forward only; the credits come by an inbox row once the money is there.

ALTER TABLE credit_purchases
  ADD COLUMN validity_days   integer, -- of the package when it was bought; null: before this migration
  ADD COLUMN stripe_price_id text NOT NULL DEFAULT '',
  ADD COLUMN principal_kind  smallint,
  ADD COLUMN principal_application text NOT NULL DEFAULT '',
  ADD COLUMN request_id      text NOT NULL DEFAULT '',
  ADD COLUMN session_id      text,    -- of the page on which it can be paid
  ADD COLUMN charge_id       text,
  ADD COLUMN checkout_url    text NOT NULL DEFAULT '',
  ADD COLUMN client_secret   text NOT NULL DEFAULT '',
  ADD COLUMN failure_code    text NOT NULL DEFAULT '', -- of the last attempt to pay
  ADD COLUMN failure_message text NOT NULL DEFAULT '',
  ADD COLUMN refund_seen_minor bigint NOT NULL DEFAULT 0, -- the most that its charge ever had refunded
  ADD COLUMN checks          integer NOT NULL DEFAULT 0,  -- how often the provider was asked what became of it
  ADD COLUMN next_check_at   timestamptz; -- when somebody looks after it again; null: nothing is to be done
ALTER TABLE credit_purchases ADD CONSTRAINT credit_purchases_state_is_known CHECK (status IN (
  'pending', 'completed', 'partially_refunded', 'refunded', 'disputed', 'charged_back', 'failed', 'canceled', 'expired',
  'review')) NOT VALID;
-- The credits of a purchase that is over for the payer are not on their way.
ALTER TABLE credit_purchases ADD CONSTRAINT credit_purchases_unpaid_brings_nothing CHECK (
  inbox_id IS NULL OR status NOT IN ('canceled', 'expired', 'review')) NOT VALID;
CREATE INDEX credit_purchases_of_payment ON credit_purchases (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX credit_purchases_of_session ON credit_purchases (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX credit_purchases_of_charge ON credit_purchases (charge_id) WHERE charge_id IS NOT NULL;
CREATE INDEX credit_purchases_to_check ON credit_purchases (next_check_at) WHERE next_check_at IS NOT NULL;
GRANT UPDATE (status, inbox_id, expiry_date, expires_at, payment_id, session_id, charge_id, checkout_url, client_secret,
              failure_code, failure_message, refund_seen_minor, checks, next_check_at) ON credit_purchases TO tessera_api;

-- Entities as the provider knows them, and the ways to pay that it keeps for them.
CREATE TABLE payment_customers (
  account_id  uuid PRIMARY KEY REFERENCES entities,
  tenant_id   uuid NOT NULL REFERENCES tenants,
  customer_id text NOT NULL CONSTRAINT payment_customers_of_one_entity UNIQUE
);
CREATE TABLE payment_methods (
  method_id   text PRIMARY KEY, -- the provider's
  tenant_id   uuid NOT NULL REFERENCES tenants,
  account_id  uuid NOT NULL REFERENCES payment_customers,
  kind        text NOT NULL,
  brand       text NOT NULL,
  last4       text NOT NULL,
  exp_month   smallint NOT NULL,
  exp_year    smallint NOT NULL,
  is_default  boolean NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX payment_methods_one_default ON payment_methods (account_id) WHERE is_default;
CREATE INDEX payment_methods_of_an_entity ON payment_methods (account_id, created_at);

-- What providers told, as it was signed: each once, however often it comes. Of no tenant until it is known whose it is.
CREATE TABLE provider_events (
  event_id        text PRIMARY KEY,
  type            text NOT NULL,
  live            boolean NOT NULL,
  payload         text NOT NULL,
  received_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  state           text NOT NULL DEFAULT 'waiting' CONSTRAINT provider_events_state_is_known
                    CHECK (state IN ('waiting', 'applied', 'ignored', 'quarantined')),
  reason          text NOT NULL DEFAULT '', -- why it is ignored or in quarantine
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  tenant_id       uuid,
  purchase_id     text
);
CREATE INDEX provider_events_waiting ON provider_events (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX provider_events_old ON provider_events (received_at);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['payment_customers', 'payment_methods', 'provider_events'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON payment_customers TO tessera_api;
GRANT UPDATE (customer_id) ON payment_customers TO tessera_api;
GRANT SELECT, INSERT, DELETE ON payment_methods TO tessera_api;
GRANT UPDATE (is_default) ON payment_methods TO tessera_api;

-- Whoever takes events in acts for no tenant, which is all zeros.
CREATE POLICY of_nobody ON provider_events TO tessera_api USING (current_tenant() = '00000000-0000-0000-0000-000000000000');
GRANT SELECT, INSERT ON provider_events TO tessera_api;
GRANT UPDATE (state, reason, attempts, next_attempt_at, tenant_id, purchase_id) ON provider_events TO tessera_api;

-- Whose purchase something belongs to: by our id where the provider was told it, else by the provider's own. Like the next
-- ones for transactions of no tenant only: they look across all.
CREATE FUNCTION payment_home(purchase text, payment text, session text, charge text)
RETURNS TABLE (tenant_id uuid, purchase_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.tenant_id, f.purchase_id FROM (
    SELECT p.tenant_id, p.purchase_id FROM credit_purchases p WHERE p.purchase_id = nullif(purchase, '')
    UNION SELECT p.tenant_id, p.purchase_id FROM credit_purchases p WHERE p.payment_id = nullif(payment, '')
    UNION SELECT p.tenant_id, p.purchase_id FROM credit_purchases p WHERE p.session_id = nullif(session, '')
    UNION SELECT p.tenant_id, p.purchase_id FROM credit_purchases p WHERE p.charge_id = nullif(charge, '')) AS f
  WHERE current_tenant() = '00000000-0000-0000-0000-000000000000'
$$;
GRANT EXECUTE ON FUNCTION payment_home(text, text, text, text) TO tessera_api;

-- Purchases that somebody has to look after, of all tenants; nobody else gets them before `again`.
CREATE FUNCTION claim_payments(most bigint, again interval) RETURNS TABLE (tenant_id uuid, purchase_id text)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE credit_purchases p SET next_check_at = clock_timestamp() + again
  WHERE p.purchase_id IN (
    SELECT d.purchase_id FROM credit_purchases d WHERE d.next_check_at <= clock_timestamp() AND current_tenant() = '00000000-0000-0000-0000-000000000000'
    ORDER BY d.next_check_at LIMIT most FOR UPDATE SKIP LOCKED)
  RETURNING p.tenant_id, p.purchase_id
$$;
GRANT EXECUTE ON FUNCTION claim_payments(bigint, interval) TO tessera_api;

-- Events are kept for 30 days; those that nobody understood for ever.
CREATE FUNCTION forget_provider_events(most bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM provider_events WHERE event_id IN (
      SELECT event_id FROM provider_events
      WHERE received_at < clock_timestamp() - interval '30 days' AND state IN ('applied', 'ignored')
        AND current_tenant() = '00000000-0000-0000-0000-000000000000'
      ORDER BY received_at LIMIT most FOR UPDATE SKIP LOCKED)
    RETURNING 1)
  SELECT count(*) FROM gone
$$;
GRANT EXECUTE ON FUNCTION forget_provider_events(bigint) TO tessera_api;
