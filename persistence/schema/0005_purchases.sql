-- What is sold, and what was bought.
CREATE TABLE credit_packages (
  tenant_id     uuid NOT NULL REFERENCES tenants,
  package_id    text NOT NULL,
  name          text NOT NULL,
  credits       bigint NOT NULL CONSTRAINT credit_packages_credits_in_range CHECK (credits BETWEEN 1 AND 9007199254740991),
  price_minor   bigint NOT NULL CONSTRAINT credit_packages_price_not_negative CHECK (price_minor >= 0),
  currency      text NOT NULL,
  validity_days integer NOT NULL CONSTRAINT credit_packages_validity_in_range CHECK (validity_days BETWEEN 1 AND 36500),
  discount_percentage numeric(5, 2) NOT NULL DEFAULT 0,
  features      text[] NOT NULL DEFAULT '{}',
  stripe_price_id text,
  is_active     boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT credit_packages_id_taken PRIMARY KEY (tenant_id, package_id)
);

CREATE TABLE credit_purchases (
  purchase_id       text PRIMARY KEY,
  tenant_id         uuid NOT NULL REFERENCES tenants,
  account_id        uuid NOT NULL REFERENCES entities,
  package_id        text NOT NULL,
  credits_purchased bigint NOT NULL,
  amount_minor      bigint NOT NULL,
  currency          text NOT NULL,
  payment_method    text NOT NULL,
  payment_id        text,
  status            text NOT NULL DEFAULT 'pending',
  expiry_date       date,         -- the last day on which the credits are good, in the tenant's zone
  expires_at        timestamptz,  -- the instant after it
  inbox_id          uuid REFERENCES credit_inbox,
  billing_address   jsonb,
  requested_by      text NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  completed_at      timestamptz
);
CREATE INDEX credit_purchases_by_account ON credit_purchases (account_id, created_at);

-- First answers of calls whose effect is not a ledger entry of its own.
CREATE TABLE idempotency_keys (
  idempotency_key uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  fingerprint     uuid NOT NULL,
  resource_id     text NOT NULL,            -- what the call made; '' when it was refused
  refused_code    text NOT NULL DEFAULT '', -- why
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT ON credit_packages, credit_purchases, idempotency_keys TO tessera_api;
GRANT UPDATE ON credit_packages, credit_purchases TO tessera_api;
GRANT UPDATE (resource_id, refused_code) ON idempotency_keys TO tessera_api;
GRANT SELECT ON credit_packages, credit_purchases TO tessera_writer;
