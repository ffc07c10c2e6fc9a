-- What is due is asked for by shard: each has a supervisor, whose node owns it (docs/decisions/0031-a-supervisor-per-shard.md).
-- The shard of an account is its id's last byte: ids are UUIDv7, and that byte is random.
CREATE FUNCTION shard_of(account uuid) RETURNS smallint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN get_byte(uuid_send(account), 15)::smallint;
GRANT EXECUTE ON FUNCTION shard_of TO tessera_api, tessera_writer;

-- Of lots that may fall due there are two indexes: by shard for the supervisors (due_store.cpp), by tenant for the units
-- that a rollup takes off because nobody has booked their end yet (rollup_store.cpp).
DROP INDEX credit_lots_due;
CREATE INDEX credit_lots_due_by_shard ON credit_lots (shard_of(account_id), expires_at, account_id)
  WHERE NOT closed AND free > 0;
CREATE INDEX credit_lots_due_by_tenant ON credit_lots (tenant_id, expires_at) WHERE NOT closed AND free > 0;
-- Inboxes likewise: by shard for the supervisors, by account (credit_inbox_waiting) for whoever reads its own.
CREATE INDEX credit_inbox_due ON credit_inbox (shard_of(account_id), created_at, account_id)
  WHERE absorbed_seq IS NULL AND refused_code IS NULL;
