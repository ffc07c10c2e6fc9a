-- What belongs to a tenant names what is of the same tenant, whoever writes it
-- (docs/decisions/0028-changing-the-directory.md).

-- The tenant itself is one entity.
CREATE UNIQUE INDEX entities_one_root ON entities (tenant_id) WHERE entity_type = 1;

ALTER TABLE entities ADD CONSTRAINT entities_parent_exists
  FOREIGN KEY (tenant_id, parent_account) REFERENCES entities (tenant_id, account_id) NOT VALID;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_entity_exists
  FOREIGN KEY (tenant_id, bound_account) REFERENCES entities (tenant_id, account_id) NOT VALID;
ALTER TABLE credit_inbox ADD CONSTRAINT credit_inbox_entity_exists
  FOREIGN KEY (tenant_id, account_id) REFERENCES entities (tenant_id, account_id) NOT VALID;
ALTER TABLE entities VALIDATE CONSTRAINT entities_parent_exists;
ALTER TABLE api_keys VALIDATE CONSTRAINT api_keys_entity_exists;
ALTER TABLE credit_inbox VALIDATE CONSTRAINT credit_inbox_entity_exists;
-- They said less, and cost as much.
ALTER TABLE entities DROP CONSTRAINT entities_parent_account_fkey;
ALTER TABLE api_keys DROP CONSTRAINT api_keys_bound_account_fkey;
ALTER TABLE credit_inbox DROP CONSTRAINT credit_inbox_account_id_fkey;

-- Opens the account of a new entity: the genesis entry and the first snapshot. For the tenant of the transaction only:
-- it runs as the owner, past the policies.
CREATE OR REPLACE FUNCTION journal_open_account(
  account uuid, tenant uuid, opened timestamptz, node uuid, genesis_hash bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF tenant IS DISTINCT FROM current_tenant() THEN
    RAISE EXCEPTION 'not the tenant of the transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT FROM entities WHERE account_id = account AND tenant_id = tenant) THEN
    RAISE EXCEPTION 'no such entity in the tenant' USING ERRCODE = 'foreign_key_violation';
  END IF;
  INSERT INTO credit_entries (
    account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
    usable_after, occurred_at, booked_at, writer, principal_kind, application, meter, reference, principal_id,
    principal_application, request_id, event_id, caller_key, metadata, hash)
  VALUES (account, 0, tenant, 0, 0, '', 0, 0, 0, 0, 0, opened, opened, node, 0, '', '', '', '', '', '', '', '', '',
          genesis_hash);
  INSERT INTO credit_balances (account_id, tenant_id, seq, head, booked_at)
  VALUES (account, tenant, 0, genesis_hash, opened);
END $$;

-- First answers that tell of a user go when the user goes; all go when they are over, also those of tenants that make no
-- new ones.
ALTER TABLE idempotency_answers ADD COLUMN about_user text; -- whose data the body has
CREATE INDEX idempotency_answers_about_a_user ON idempotency_answers (tenant_id, about_user) WHERE about_user IS NOT NULL;
CREATE INDEX idempotency_answers_old ON idempotency_answers (created_at);
GRANT UPDATE (about_user) ON idempotency_answers TO tessera_api;

-- The oldest of those that are over, of all tenants; how many. Nobody reads them.
CREATE FUNCTION forget_old_answers(most bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM idempotency_answers WHERE idempotency_key IN (
      SELECT idempotency_key FROM idempotency_answers WHERE created_at < clock_timestamp() - interval '30 days'
      ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED)
    RETURNING 1)
  SELECT count(*) FROM gone
$$;
GRANT EXECUTE ON FUNCTION forget_old_answers(bigint) TO tessera_writer;
