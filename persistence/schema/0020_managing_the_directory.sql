-- Managing the directory: versions of single resources, what a deletion meets, who changed what
-- (docs/decisions/0028-changing-the-directory.md, 0029-keys-and-users.md).

-- Rise with every edit: the ETag. `tenants.version` rises with every change of the tenant's directory.
ALTER TABLE entities ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE applications ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE api_keys ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE tenants ADD COLUMN settings_version bigint NOT NULL DEFAULT 1;
GRANT UPDATE (version) ON entities, applications, api_keys TO tessera_api;
GRANT UPDATE (scopes) ON api_keys TO tessera_api;

-- A user is shown with whether their address is verified: whoever verifies it is no edit of theirs, and counts.
CREATE FUNCTION user_verified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := greatest(NEW.version, OLD.version + 1);
  RETURN NEW;
END $$;
CREATE TRIGGER user_verified BEFORE UPDATE OF email_verified_at ON users
  FOR EACH ROW WHEN (NEW.email_verified_at IS DISTINCT FROM OLD.email_verified_at) EXECUTE FUNCTION user_verified();

-- A deletion asks whether anything is on its way that the account has sent: few rows wait at a time.
CREATE INDEX credit_inbox_sent ON credit_inbox (sender_account_id)
  WHERE absorbed_seq IS NULL AND refused_code IS NULL AND sender_account_id IS NOT NULL;

-- Once per transaction, however many rows it changes: a row that this transaction has written already says so.
CREATE OR REPLACE FUNCTION directory_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE tenants SET version = version + 1
  WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id) AND xmin <> pg_current_xact_id()::xid;
  RETURN NULL;
END $$;

-- What every change of a directory begins with. Whoever finds another change at work is told to come again: an import may
-- hold a directory for seconds, and would have all threads that write wait for one tenant.
CREATE FUNCTION lock_directory(tenant uuid) RETURNS void LANGUAGE plpgsql SET lock_timeout = '50ms' AS $$
BEGIN
  PERFORM FROM tenants WHERE tenant_id = tenant FOR NO KEY UPDATE;
END $$;
GRANT EXECUTE ON FUNCTION lock_directory(uuid) TO tessera_api;

-- Its settings have a version of their own.
CREATE OR REPLACE FUNCTION tenant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := greatest(NEW.version, OLD.version + 1);
  NEW.settings_version := OLD.settings_version + 1;
  RETURN NEW;
END $$;

-- The operator's list of tenants is the one read across them: asked for by name, in a transaction of no tenant.
CREATE POLICY operator_lists ON tenants FOR SELECT TO tessera_api USING (current_setting('app.operator', true) = 'on');

-- Who changed what in the directory. Only ever added to.
CREATE TABLE directory_changes (
  change_id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id             uuid NOT NULL REFERENCES tenants,
  act                   text NOT NULL, -- 'move', 'delete', …
  subject               text NOT NULL, -- 'organization/org-1', 'user/usr-…', …
  principal_kind        smallint NOT NULL,
  principal_id          text NOT NULL,
  principal_application text NOT NULL,
  request_id            text NOT NULL,
  changed_at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX directory_changes_of_a_tenant ON directory_changes (tenant_id, change_id);
ALTER TABLE directory_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON directory_changes TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT ON directory_changes TO tessera_api;

-- Opens the accounts of many new entities: as journal_open_account does for one.
CREATE FUNCTION journal_open_accounts(
  accounts uuid[], tenant uuid, opened timestamptz, node uuid, genesis_hashes bytea[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF tenant IS DISTINCT FROM current_tenant() THEN
    RAISE EXCEPTION 'not the tenant of the transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (SELECT count(*) FROM entities WHERE account_id = ANY (accounts) AND tenant_id = tenant) <> cardinality(accounts)
  THEN
    RAISE EXCEPTION 'no such entity in the tenant' USING ERRCODE = 'foreign_key_violation';
  END IF;
  INSERT INTO credit_entries (
    account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
    usable_after, occurred_at, booked_at, writer, principal_kind, application, meter, reference, principal_id,
    principal_application, request_id, event_id, caller_key, metadata, hash)
  SELECT x.account, 0, tenant, 0, 0, '', 0, 0, 0, 0, 0, opened, opened, node, 0, '', '', '', '', '', '', '', '', '',
         x.hash
  FROM unnest(accounts, genesis_hashes) AS x (account, hash);
  INSERT INTO credit_balances (account_id, tenant_id, seq, head, booked_at)
  SELECT x.account, tenant, 0, x.hash, opened FROM unnest(accounts, genesis_hashes) AS x (account, hash);
END $$;
GRANT EXECUTE ON FUNCTION journal_open_accounts TO tessera_api;

-- Leaves rows in inboxes, and records those that are legs of an allocation. After journal_append, whose entries
-- pay for them. A leg to an entity that was deleted meanwhile refuses the round: whoever deletes holds the entity's
-- row until it is done, and whoever sends holds it until the leg is there to be seen.
CREATE OR REPLACE FUNCTION journal_send(
  ids uuid[], accounts uuid[], kinds smallint[], refs text[], senders uuid[], sender_seqs bigint[],
  principal_kinds smallint[], principal_ids text[], principal_applications text[], request_ids text[], amounts bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- An aggregate, so that the condition is looked at in the row that was locked, not in the one that was found.
  IF (
    SELECT bool_or(receivers.status = 'deleted') FROM (
      SELECT e.status FROM entities e
      WHERE e.account_id IN (SELECT u.account FROM unnest(accounts, kinds) AS u (account, kind) WHERE u.kind = 2)
      ORDER BY e.account_id FOR KEY SHARE) AS receivers) THEN
    RAISE EXCEPTION 'a receiver was deleted' USING ERRCODE = 'foreign_key_violation';
  END IF;
  INSERT INTO credit_inbox (
    inbox_id, account_id, tenant_id, kind, credits, reference, sender_account_id, sender_seq, principal_kind,
    principal_id, principal_application, request_id)
  SELECT x.id, x.account, e.tenant_id, x.kind, x.amount, x.ref, x.sender, x.seq, x.principal_kind, x.principal_id,
         x.principal_application, x.request_id
  FROM unnest(ids, accounts, kinds, refs, senders, sender_seqs, principal_kinds, principal_ids,
              principal_applications, request_ids, amounts)
    AS x (id, account, kind, ref, sender, seq, principal_kind, principal_id, principal_application, request_id, amount)
  LEFT JOIN entities e ON e.account_id = x.account;
  IF EXISTS (SELECT FROM credit_inbox i JOIN entities s ON s.account_id = i.sender_account_id
             WHERE i.inbox_id = ANY (ids) AND s.tenant_id <> i.tenant_id) THEN
    RAISE EXCEPTION 'credits do not leave their tenant' USING ERRCODE = 'foreign_key_violation';
  END IF;

  INSERT INTO credit_allocations (
    allocation_id, leg, tenant_id, from_account_id, from_entity_type, from_entity_id, from_seq, to_account_id,
    to_entity_type, to_entity_id, inbox_id, credits_allocated, allocated_by, allocated_at)
  SELECT x.ref, row_number() OVER (PARTITION BY x.sender, x.ref ORDER BY x.seq) - 1, s.tenant_id, x.sender,
         s.entity_type, s.entity_id, x.seq, x.account, t.entity_type, t.entity_id, x.id, x.amount, x.principal_id,
         (SELECT b.booked_at FROM credit_entries b WHERE b.account_id = x.sender AND b.seq = x.seq)
  FROM unnest(ids, accounts, kinds, refs, senders, sender_seqs, principal_ids, amounts)
    AS x (id, account, kind, ref, sender, seq, principal_id, amount)
  JOIN entities s ON s.account_id = x.sender
  JOIN entities t ON t.account_id = x.account AND t.tenant_id = s.tenant_id
  WHERE x.kind = 2;
END $$;
