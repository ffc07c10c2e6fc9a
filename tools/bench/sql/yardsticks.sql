-- What a user would write without us: an account's balance in a row, a ledger beside it.
CREATE TABLE yard_accounts (
  id      integer PRIMARY KEY,
  balance bigint NOT NULL
);
CREATE TABLE yard_ledger (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer NOT NULL,
  amount     bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO yard_accounts SELECT n, 1000000000 FROM generate_series(1, 100000) AS n;

-- The least that a ledger with unique keys costs: see load/floor.hpp.
CREATE TABLE floor_events (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  account_id      uuid NOT NULL,
  units           bigint NOT NULL,
  idempotency_key uuid NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, idempotency_key)
);
VACUUM ANALYZE yard_accounts;
