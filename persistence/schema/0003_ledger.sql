-- The ledger. Entries are the truth; balances and the free/held of lots are snapshots of it.
CREATE TABLE credit_entries (
  account_id      uuid NOT NULL,
  seq             bigint NOT NULL,  -- gapless per account; 0 is the genesis entry
  tenant_id       uuid NOT NULL,
  txid            xid8 NOT NULL DEFAULT pg_current_xact_id(),
  entry_type      smallint NOT NULL,
  units           bigint NOT NULL,
  slices          bytea NOT NULL,   -- 24 bytes each: lot (16), units (8, big-endian): see credit_slices()
  available_after bigint NOT NULL,
  reserved_after  bigint NOT NULL,
  used_after      bigint NOT NULL,
  debt_after      bigint NOT NULL,
  usable_after    bigint NOT NULL,  -- by `application`: what the caller was told
  occurred_at     timestamptz NOT NULL,
  booked_at       timestamptz NOT NULL,
  idempotency_key uuid,             -- 16 bytes of SHA-256(tenant, route, key)
  fingerprint     uuid,             -- 16 bytes of the SHA-256 of the command
  writer          uuid NOT NULL,    -- incarnation of the node that wrote it
  principal_kind  smallint NOT NULL,
  application     text NOT NULL,    -- '': the entry is entity-level
  meter           text NOT NULL,
  reference       text NOT NULL,
  principal_id    text NOT NULL,
  principal_application text NOT NULL,
  request_id      text NOT NULL,
  event_id        text NOT NULL,
  caller_key      text NOT NULL,
  metadata        text NOT NULL,    -- exactly the text that was hashed
  hash            bytea NOT NULL,   -- SHA-256(previous hash, canonical bytes): docs/ledger-format.md
  CONSTRAINT credit_entries_pkey PRIMARY KEY (account_id, seq),
  CONSTRAINT credit_entries_units_not_negative CHECK (units >= 0),
  CONSTRAINT credit_entries_balances_not_negative
    CHECK (available_after >= 0 AND reserved_after >= 0 AND used_after >= 0 AND debt_after >= 0),
  CONSTRAINT credit_entries_no_credit_beside_debt CHECK (debt_after = 0 OR available_after = 0),
  CONSTRAINT credit_entries_hash_is_sha256 CHECK (octet_length(hash) = 32)
);
CREATE UNIQUE INDEX credit_entries_idempotency_key ON credit_entries (idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE FUNCTION credit_entries_are_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'credit_entries is append-only';
END $$;
CREATE TRIGGER credit_entries_are_immutable BEFORE UPDATE OR DELETE ON credit_entries
  FOR EACH ROW EXECUTE FUNCTION credit_entries_are_immutable();
CREATE TRIGGER credit_entries_are_not_truncated BEFORE TRUNCATE ON credit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION credit_entries_are_immutable();

-- The slices of an entry as rows.
CREATE FUNCTION credit_slices(slices bytea) RETURNS TABLE (lot_id uuid, units bigint)
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT encode(substring(slices FROM i * 24 + 1 FOR 16), 'hex')::uuid,
         ('x' || encode(substring(slices FROM i * 24 + 17 FOR 8), 'hex'))::bit(64)::bigint
  FROM generate_series(0, octet_length(slices) / 24 - 1) AS i
$$;

CREATE TABLE credit_lots (
  lot_id          uuid PRIMARY KEY,
  account_id      uuid NOT NULL REFERENCES entities,
  tenant_id       uuid NOT NULL,
  root_lot_id     uuid NOT NULL,
  parent_lot_id   uuid,
  opened_seq      bigint NOT NULL, -- of the entry that opened it
  position        smallint NOT NULL, -- among the lots of that entry, in the order that the hash covers; from 0
  kind            smallint NOT NULL,
  priority        smallint NOT NULL CONSTRAINT credit_lots_priority_in_range CHECK (priority BETWEEN 0 AND 100),
  effective_at    timestamptz NOT NULL,
  expires_at      timestamptz,     -- exclusive; null: never
  expiry_date     date,            -- the last good day in the tenant's zone: for people
  applications    text[] NOT NULL, -- empty: any
  purchase_id     text NOT NULL,
  unit_cost_minor bigint,
  currency        text NOT NULL,
  amount          bigint NOT NULL CONSTRAINT credit_lots_amount_positive CHECK (amount > 0),
  free            bigint NOT NULL CONSTRAINT credit_lots_free_not_negative CHECK (free >= 0), -- as of the snapshot
  held            bigint NOT NULL CONSTRAINT credit_lots_held_not_negative CHECK (held >= 0), -- likewise
  closed          boolean NOT NULL DEFAULT false, -- an entry took its last units; free and held may lag
  CONSTRAINT credit_lots_position_taken UNIQUE (account_id, opened_seq, position),
  CONSTRAINT credit_lots_not_more_than_amount CHECK (free + held <= amount)
);
CREATE INDEX credit_lots_due ON credit_lots (expires_at) WHERE NOT closed AND free > 0;

-- Snapshots: where the fold of an account's entries may start.
CREATE TABLE credit_balances (
  account_id       uuid PRIMARY KEY REFERENCES entities,
  tenant_id        uuid NOT NULL,
  seq              bigint NOT NULL, -- every figure is as of this entry
  head             bytea NOT NULL,  -- its hash
  booked_at        timestamptz NOT NULL,
  total_credits    bigint NOT NULL DEFAULT 0,
  used_credits     bigint NOT NULL DEFAULT 0,
  reserved_credits bigint NOT NULL DEFAULT 0,
  available_credits bigint NOT NULL DEFAULT 0,
  debt             bigint NOT NULL DEFAULT 0,
  lifetime_in      bigint NOT NULL DEFAULT 0,
  expired          bigint NOT NULL DEFAULT 0,
  refunded         bigint NOT NULL DEFAULT 0,
  clawed_back      bigint NOT NULL DEFAULT 0,
  allocated_out    bigint NOT NULL DEFAULT 0,
  debt_repaid      bigint NOT NULL DEFAULT 0,
  frozen           boolean NOT NULL DEFAULT false,
  last_updated     timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT credit_balances_not_negative CHECK (
    used_credits >= 0 AND reserved_credits >= 0 AND available_credits >= 0 AND debt >= 0),
  CONSTRAINT credit_balances_total_adds_up CHECK (total_credits = used_credits + reserved_credits + available_credits)
) WITH (fillfactor = 70);

-- Durable commands from outside: only the owner of an account writes its entries, and it absorbs these.
CREATE TABLE credit_inbox (
  inbox_id      uuid PRIMARY KEY,
  account_id    uuid NOT NULL REFERENCES entities,
  tenant_id     uuid NOT NULL,
  kind          smallint NOT NULL, -- 1 purchase
  credits       bigint NOT NULL CONSTRAINT credit_inbox_credits_positive CHECK (credits > 0),
  lot_id        uuid NOT NULL,
  root_lot_id   uuid NOT NULL,
  parent_lot_id uuid,
  lot_kind      smallint NOT NULL,
  priority      smallint NOT NULL,
  effective_at  timestamptz, -- null: from the instant at which it is booked
  expires_at    timestamptz,
  expiry_date   date,
  applications  text[] NOT NULL DEFAULT '{}',
  purchase_id   text NOT NULL DEFAULT '',
  unit_cost_minor bigint,
  currency      text NOT NULL DEFAULT '',
  principal_kind smallint NOT NULL,
  principal_id  text NOT NULL,
  principal_application text NOT NULL,
  request_id    text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  absorbed_seq  bigint,            -- of the entry that fulfilled it
  refused_code  text,              -- or why the account could not
  CONSTRAINT credit_inbox_absorbed_or_refused CHECK (absorbed_seq IS NULL OR refused_code IS NULL)
);
CREATE INDEX credit_inbox_waiting ON credit_inbox (account_id, inbox_id)
  WHERE absorbed_seq IS NULL AND refused_code IS NULL;

-- Events to be told to the world, written in the transaction that makes them true.
CREATE TABLE outbox (
  outbox_id  uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL,
  account_id uuid,
  kind       text NOT NULL,
  payload    jsonb NOT NULL,
  txid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
