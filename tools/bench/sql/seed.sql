-- Organisations b-0000001 and so on, directly below the tenant, each with an account whose chain is valid and an
-- inbox row that brings it credits as soon as it wakes up. Run by the owner while no service uses the tenant.

-- The bytes that the hash of a genesis entry covers (docs/ledger-format.md); every text in it is empty.
CREATE FUNCTION pg_temp.genesis_bytes(account uuid, tenant uuid, opened timestamptz, writer uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT 'tessera.entry.v1'::bytea || '\x00'::bytea -- the tag
         || uuid_send(account)
         || int8send(0) -- seq
         || uuid_send(tenant)
         || '\x00'::bytea -- type
         || int8send(0) -- units
         || int4send(0) -- slices
         || int8send(0) || int8send(0) || int8send(0) || int8send(0) || int8send(0) -- balances
         || int4send(0) || int4send(0) || int4send(0) -- application, meter, reference
         || '\x00'::bytea || int4send(0) || int4send(0) -- requested by
         || int4send(0) || int4send(0) || int4send(0) -- request, event, caller key
         || '\x00'::bytea -- idempotency
         || int4send(0) -- metadata
         || int8send(at) || int8send(at) -- occurred, booked
         || uuid_send(writer)
         || int4send(0) -- opens no lot
  FROM (SELECT (extract(epoch FROM opened) * 1000000)::bigint) AS t (at)
$$;

-- A version 7 UUID of that time: new accounts have ids in rising order, and so have these.
CREATE FUNCTION pg_temp.uuid_of(made timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM made) * 1000)::bigint), 12, '0') || '7'
          || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;

CREATE FUNCTION pg_temp.genesis_hash(account uuid, tenant uuid, opened timestamptz, writer uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(decode(repeat('00', 32), 'hex') || pg_temp.genesis_bytes(account, tenant, opened, writer))
$$;

-- The tenant's own account was opened by Tessera itself.
CREATE FUNCTION pg_temp.check_format(root uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM credit_entries WHERE account_id = root AND seq = 0
                 AND hash = pg_temp.genesis_hash(account_id, tenant_id, booked_at, writer)) THEN
    RAISE EXCEPTION 'the ledger format is no longer the one that seed.sql writes';
  END IF;
END $$;

CREATE FUNCTION pg_temp.seed(tenant_name text, accounts integer, credits bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  tenant uuid := (SELECT tenant_id FROM tenants WHERE id = tenant_name);
  root   uuid := (SELECT account_id FROM entities WHERE tenant_id = tenant AND entity_type = 1);
  begun  timestamptz := date_trunc('second', now()) - interval '1 hour';
  writer uuid := gen_random_uuid();
BEGIN
  PERFORM pg_temp.check_format(root);
  CREATE TEMP TABLE fresh AS
    SELECT n, 'b-' || lpad(n::text, 7, '0') AS id, at, pg_temp.uuid_of(at) AS account, pg_temp.uuid_of(at) AS lot,
           NULL::bytea AS hash
    FROM generate_series(1, accounts) AS n, LATERAL (SELECT begun + n * interval '1 millisecond') AS t (at);
  UPDATE fresh SET hash = pg_temp.genesis_hash(account, tenant, at, writer);

  INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name, parent_account, created_at)
    SELECT account, tenant, 2, id, id, root, at FROM fresh ORDER BY n;
  INSERT INTO credit_entries (
      account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
      usable_after, occurred_at, booked_at, writer, principal_kind, application, meter, reference, principal_id,
      principal_application, request_id, event_id, caller_key, metadata, hash)
    SELECT account, 0, tenant, 0, 0, '', 0, 0, 0, 0, 0, at, at, writer, 0, '', '', '', '', '', '', '', '', '', hash
    FROM fresh ORDER BY n;
  INSERT INTO credit_balances (account_id, tenant_id, seq, head, booked_at)
    SELECT account, tenant, 0, hash, at FROM fresh ORDER BY n;
  INSERT INTO credit_inbox (
      inbox_id, account_id, tenant_id, kind, credits, lot_id, root_lot_id, lot_kind, priority, effective_at,
      purchase_id, principal_kind, principal_id, principal_application, request_id)
    SELECT pg_temp.uuid_of(at), account, tenant, 1, credits, lot, lot, 4, 50, at, 'pur-' || id, 0, '', '', ''
    FROM fresh ORDER BY n;
  UPDATE tenants SET version = version + 1 WHERE tenant_id = tenant;
END $$;

BEGIN;
-- One change of the directory, not one per entity.
ALTER TABLE entities DISABLE TRIGGER directory_changed;
SELECT pg_temp.seed(:'tenant', :accounts, :credits);
ALTER TABLE entities ENABLE TRIGGER directory_changed;
INSERT INTO applications (tenant_id, application_id, name) SELECT tenant_id, 'crm', 'CRM' FROM tenants WHERE id = :'tenant';
COMMIT;
VACUUM ANALYZE;
