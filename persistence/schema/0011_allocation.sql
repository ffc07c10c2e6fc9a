-- Allocation: what one account leaves in the inboxes of others, in the round of the entries that pay for it.

-- How far equal lots that arrived later have raised a lot: as of the snapshot, like free and held. `amount` is a
-- term of the lot: hashed, and never changed.
ALTER TABLE credit_lots ADD COLUMN added bigint NOT NULL DEFAULT 0
  CONSTRAINT credit_lots_added_not_negative CHECK (added >= 0);
ALTER TABLE credit_lots DROP CONSTRAINT credit_lots_not_more_than_amount;
ALTER TABLE credit_lots ADD CONSTRAINT credit_lots_not_more_than_amount CHECK (free + held <= amount + added);

-- Rows of kind 2 (a leg of an allocation) and 3 (a leg that comes back) say their lots in credit_inbox_lots.
ALTER TABLE credit_inbox ALTER COLUMN lot_id DROP NOT NULL;
ALTER TABLE credit_inbox ALTER COLUMN root_lot_id DROP NOT NULL;
ALTER TABLE credit_inbox ALTER COLUMN lot_kind DROP NOT NULL;
ALTER TABLE credit_inbox ALTER COLUMN priority DROP NOT NULL;
ALTER TABLE credit_inbox ADD COLUMN reference text NOT NULL DEFAULT '';  -- allocation id; '': the purchase id
ALTER TABLE credit_inbox ADD COLUMN sender_account_id uuid;              -- the entry that paid for it
ALTER TABLE credit_inbox ADD COLUMN sender_seq bigint;
ALTER TABLE credit_inbox ADD CONSTRAINT credit_inbox_sender_is_an_entry
  CHECK ((sender_account_id IS NULL) = (sender_seq IS NULL));

CREATE TABLE credit_inbox_lots (
  inbox_id      uuid NOT NULL REFERENCES credit_inbox,
  position      smallint NOT NULL, -- from 0, in the order in which they were taken
  tenant_id     uuid NOT NULL,
  lot_id        uuid NOT NULL,     -- if the receiver opens it
  root_lot_id   uuid NOT NULL,
  parent_lot_id uuid,
  lot_kind      smallint NOT NULL,
  priority      smallint NOT NULL,
  effective_at  timestamptz NOT NULL,
  expires_at    timestamptz,
  expiry_date   date,
  applications  text[] NOT NULL,
  purchase_id   text NOT NULL,
  unit_cost_minor bigint,
  currency      text NOT NULL,
  credits       bigint NOT NULL CONSTRAINT credit_inbox_lots_credits_positive CHECK (credits > 0),
  PRIMARY KEY (inbox_id, position)
);

-- One row per leg, written with the debit.
CREATE TABLE credit_allocations (
  allocation_id     text NOT NULL,
  leg               smallint NOT NULL, -- from 0, as requested
  tenant_id         uuid NOT NULL,
  from_account_id   uuid NOT NULL,
  from_entity_type  smallint NOT NULL,
  from_entity_id    text NOT NULL,
  from_seq          bigint NOT NULL,   -- the entry of the source
  to_account_id     uuid NOT NULL,
  to_entity_type    smallint NOT NULL,
  to_entity_id      text NOT NULL,
  inbox_id          uuid NOT NULL REFERENCES credit_inbox,
  credits_allocated bigint NOT NULL CONSTRAINT credit_allocations_credits_positive CHECK (credits_allocated > 0),
  allocated_by      text NOT NULL,
  allocated_at      timestamptz NOT NULL,
  CONSTRAINT credit_allocations_pkey PRIMARY KEY (tenant_id, allocation_id, leg),
  CONSTRAINT credit_allocations_entry_taken UNIQUE (from_account_id, from_seq),
  CONSTRAINT credit_allocations_not_to_itself CHECK (from_account_id <> to_account_id)
);
CREATE INDEX credit_allocations_received ON credit_allocations (to_account_id, allocation_id);

-- First answers of keys whose refusals are remembered. A success has its key in its entry too; both stand here, so
-- that of a success and a refusal under one key one wins.
CREATE TABLE credit_answers (
  idempotency_key uuid CONSTRAINT credit_answers_pkey PRIMARY KEY,
  fingerprint     uuid NOT NULL,
  account_id      uuid NOT NULL,
  tenant_id       uuid NOT NULL,
  seq             bigint NOT NULL,   -- of the entry; of the account when it refused
  refused_code    text,              -- null: it happened
  blocker         smallint NOT NULL,
  requested       bigint NOT NULL,
  available       bigint NOT NULL,
  would_allow     bigint NOT NULL,
  answered_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Leaves rows in inboxes, and records those that are legs of an allocation. After journal_append, whose entries
-- pay for them.
CREATE FUNCTION journal_send(
  ids uuid[], accounts uuid[], kinds smallint[], refs text[], senders uuid[], sender_seqs bigint[],
  principal_kinds smallint[], principal_ids text[], principal_applications text[], request_ids text[], amounts bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
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

CREATE FUNCTION journal_send_lots(
  inbox_ids uuid[], positions smallint[], ids uuid[], roots uuid[], parents uuid[], kinds smallint[],
  priorities smallint[], effective timestamptz[], expires timestamptz[], expiry_dates text[], application_lists text[],
  purchases text[], costs bigint[], currencies text[], amounts bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO credit_inbox_lots (
    inbox_id, position, tenant_id, lot_id, root_lot_id, parent_lot_id, lot_kind, priority, effective_at, expires_at,
    expiry_date, applications, purchase_id, unit_cost_minor, currency, credits)
  SELECT x.inbox_id, x.position, (SELECT i.tenant_id FROM credit_inbox i WHERE i.inbox_id = x.inbox_id), x.id, x.root,
         x.parent, x.kind, x.priority, x.effective, x.expires, x.expiry_date::date, x.list::text[], x.purchase, x.cost,
         x.currency, x.amount
  FROM unnest(inbox_ids, positions, ids, roots, parents, kinds, priorities, effective, expires, expiry_dates,
              application_lists, purchases, costs, currencies, amounts)
    AS x (inbox_id, position, id, root, parent, kind, priority, effective, expires, expiry_date, list, purchase, cost,
          currency, amount);
END $$;

-- Remembers first answers; a key that is there already is a duplicate (credit_answers_pkey).
CREATE FUNCTION journal_answer(
  keys uuid[], prints uuid[], accounts uuid[], seqs bigint[], blockers smallint[], codes text[], requesteds bigint[],
  availables bigint[], alloweds bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO credit_answers (
    idempotency_key, fingerprint, account_id, tenant_id, seq, refused_code, blocker, requested, available, would_allow)
  SELECT x.key, x.print, x.account, e.tenant_id, x.seq, x.code, x.blocker, x.requested, x.available, x.allowed
  FROM unnest(keys, prints, accounts, seqs, blockers, codes, requesteds, availables, alloweds)
    AS x (key, print, account, seq, blocker, code, requested, available, allowed)
  JOIN entities e ON e.account_id = x.account;
END $$;

-- What these keys stand for: entries, and refusals that are remembered.
CREATE FUNCTION journal_find_answers(keys uuid[])
RETURNS TABLE (key uuid, print uuid, account uuid, entry_seq bigint, amount bigint, usable bigint, refused text,
               blocker smallint, allowed bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  RETURN QUERY
    SELECT e.idempotency_key, e.fingerprint, e.account_id, e.seq, e.units, e.usable_after, '', 0::smallint, 0::bigint
    FROM credit_entries e WHERE e.idempotency_key = ANY (keys)
    UNION ALL
    SELECT a.idempotency_key, a.fingerprint, a.account_id, a.seq, a.requested, a.available, a.refused_code, a.blocker,
           a.would_allow
    FROM credit_answers a WHERE a.idempotency_key = ANY (keys) AND a.refused_code IS NOT NULL;
END $$;

-- Tells the world what entries of this round did, in the words of the entries.
CREATE FUNCTION journal_tell(accounts uuid[], seqs bigint[], kinds text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)
  SELECT gen_random_uuid(), e.tenant_id, e.account_id, x.kind,
         jsonb_strip_nulls(jsonb_build_object(
           'transactionId', 'txn-' || replace(e.account_id::text, '-', '') || '-' || e.seq,
           'seq', e.seq,
           'entityType', CASE n.entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization' ELSE 'location' END,
           'entityId', n.entity_id,
           'credits', e.units,
           'availableCredits', e.available_after,
           'totalCredits', e.used_after + e.reserved_after + e.available_after,
           'purchaseId', CASE WHEN e.entry_type = 1 THEN e.reference END,
           'allocationId', CASE WHEN e.entry_type = 9 THEN e.reference END,
           'fromEntityType', CASE a.from_entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization'
                                                     WHEN 3 THEN 'location' END,
           'fromEntityId', a.from_entity_id,
           'requestedBy', nullif(e.principal_id, ''),
           'bookedAt', to_char(e.booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
  FROM unnest(accounts, seqs, kinds) AS x (account, seq, kind)
  JOIN credit_entries e ON e.account_id = x.account AND e.seq = x.seq
  JOIN entities n ON n.account_id = e.account_id
  LEFT JOIN LATERAL (SELECT f.from_entity_type, f.from_entity_id FROM credit_allocations f
                     WHERE e.entry_type = 9 AND f.tenant_id = e.tenant_id AND f.allocation_id = e.reference
                     LIMIT 1) AS a ON true;
END $$;

-- Marks inbox rows that can't be fulfilled. TS002: somebody else did something with one. Strict, because what a
-- refused row brought may be sent back in the same round.
CREATE OR REPLACE FUNCTION journal_refuse(ids uuid[], codes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  marked bigint;
BEGIN
  UPDATE credit_inbox i SET refused_code = x.code
  FROM unnest(ids, codes) AS x (id, code)
  WHERE i.inbox_id = x.id AND i.absorbed_seq IS NULL AND i.refused_code IS NULL;
  GET DIAGNOSTICS marked = ROW_COUNT;
  IF marked <> cardinality(ids) THEN
    RAISE EXCEPTION 'an inbox row was fulfilled already' USING ERRCODE = 'TS002';
  END IF;
END $$;

-- Replaces older snapshots, with how far lots were raised. A lot that is not listed has nothing left.
DROP FUNCTION journal_snapshot;
CREATE FUNCTION journal_snapshot(
  accounts uuid[], new_seqs bigint[], heads bytea[], booked timestamptz[], useds bigint[], reserveds bigint[],
  availables bigint[], debts bigint[], ins bigint[], expireds bigint[], refundeds bigint[], claweds bigint[],
  outs bigint[], repaids bigint[], frozens boolean[], lots uuid[], frees bigint[], helds bigint[], amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  replaced bigint;
BEGIN
  WITH saved AS (
    UPDATE credit_balances b
    SET seq = x.seq, head = x.head, booked_at = x.booked, total_credits = x.used + x.reserved + x.available,
        used_credits = x.used, reserved_credits = x.reserved, available_credits = x.available, debt = x.debt,
        lifetime_in = x.ins, expired = x.expired, refunded = x.refunded, clawed_back = x.clawed,
        allocated_out = x.outs, debt_repaid = x.repaid, frozen = x.frozen, last_updated = clock_timestamp()
    FROM unnest(accounts, new_seqs, heads, booked, useds, reserveds, availables, debts, ins, expireds, refundeds,
                claweds, outs, repaids, frozens)
      AS x (account, seq, head, booked, used, reserved, available, debt, ins, expired, refunded, clawed, outs, repaid,
            frozen)
    WHERE b.account_id = x.account AND b.seq < x.seq
    RETURNING b.account_id, b.seq
  ), left_over AS (
    UPDATE credit_lots l
    SET free = n.free, held = n.held, added = n.added
    FROM (SELECT m.lot_id, coalesce(y.free, 0) AS free, coalesce(y.held, 0) AS held,
                 coalesce(y.amount - m.amount, m.added) AS added
          FROM saved
          JOIN credit_lots m ON m.account_id = saved.account_id AND m.opened_seq <= saved.seq
          LEFT JOIN unnest(lots, frees, helds, amounts) AS y (lot, free, held, amount) ON y.lot = m.lot_id
          WHERE m.free + m.held > 0) AS n
    WHERE l.lot_id = n.lot_id AND (l.free, l.held, l.added) IS DISTINCT FROM (n.free, n.held, n.added)
  )
  SELECT count(*) INTO replaced FROM saved;
  RETURN replaced;
END $$;

GRANT EXECUTE ON FUNCTION journal_send, journal_send_lots, journal_answer, journal_find_answers, journal_tell,
  journal_snapshot TO tessera_writer;
GRANT SELECT ON credit_inbox_lots, credit_allocations TO tessera_api, tessera_writer;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['credit_inbox_lots', 'credit_allocations', 'credit_answers'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I FOR SELECT TO tessera_writer USING (true)', name);
  END LOOP;
END $$;
