-- What others may ask of an account, and reversals (docs/decisions/0040-what-others-may-ask-of-an-account.md,
-- 0041-reversals.md).

-- What becomes free beside a debt repays it with the next entry of the decision: arrivals (1, 2, 3, 9, 11, 13, 18), what
-- is released (7) or reversed (19), and an expiry (14) between these and the repayment. Not valid: rows that are there
-- were let in by a narrower one.
ALTER TABLE credit_entries DROP CONSTRAINT credit_entries_no_credit_beside_debt;
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_no_credit_beside_debt CHECK (
  debt_after = 0 OR available_after = 0 OR entry_type IN (1, 2, 3, 7, 9, 11, 13, 14, 18, 19)) NOT VALID;

-- Inboxes. Kinds up to 15 bring credits: 1 purchase, 2 leg of an allocation, 3 one that comes back, 4 grant, 5 given
-- back, 6 reclaimed, 7 reinstated. The others ask for something (messages/instructions.hpp): 16 set aside, 17 let go,
-- 18 pay back, 19 move on, 20 claw back, 21 recall, 22 freeze, 23 unfreeze; `credits` is how much, 0 where there is no
-- amount. `reference` is what a row belongs to, any text.
ALTER TABLE credit_inbox
  ADD COLUMN fulfilled     bigint, -- how many credits it came to; null: it was not carried out, or before this migration
  ADD COLUMN partial       boolean NOT NULL DEFAULT false,
  ADD COLUMN roots         uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN purpose       smallint, -- of the hold: 2 escrow, 3 refund, 4 dispute
  ADD COLUMN ttl_us        bigint,   -- of the hold, in microseconds
  ADD COLUMN holds         bigint[] NOT NULL DEFAULT '{}', -- opened by these entries
  ADD COLUMN to_account_id uuid,     -- who gets the units
  ADD COLUMN carrier_id    uuid,     -- of the row that brings them there
  ADD COLUMN reason        text NOT NULL DEFAULT ''; -- of a grant, for people
ALTER TABLE credit_inbox DROP CONSTRAINT credit_inbox_credits_positive;
-- Not valid: the rows that are there are purchases and legs, and have what these want.
ALTER TABLE credit_inbox
  ADD CONSTRAINT credit_inbox_says_what_it_asks CHECK (CASE
    WHEN kind BETWEEN 1 AND 7 THEN credits > 0
    WHEN kind = 16 THEN credits > 0 AND coalesce(purpose BETWEEN 2 AND 4 AND ttl_us > 0, false)
    WHEN kind IN (17, 19) THEN credits = 0 AND cardinality(holds) = 1
    WHEN kind = 18 THEN credits > 0 AND cardinality(holds) = 1
    WHEN kind IN (20, 21) THEN credits > 0
    WHEN kind IN (22, 23) THEN credits = 0
    ELSE false END) NOT VALID,
  ADD CONSTRAINT credit_inbox_moves_to_somebody CHECK (
    (kind IN (19, 21)) = (to_account_id IS NOT NULL) AND (to_account_id IS NULL) = (carrier_id IS NULL)
    AND to_account_id IS DISTINCT FROM account_id) NOT VALID,
  ADD CONSTRAINT credit_inbox_fulfilled_by_an_entry CHECK (
    fulfilled IS NULL OR fulfilled >= 0 AND absorbed_seq IS NOT NULL) NOT VALID,
  ADD CONSTRAINT credit_inbox_receiver_exists FOREIGN KEY (tenant_id, to_account_id)
    REFERENCES entities (tenant_id, account_id) NOT VALID;
-- Whose row it is that brings what an instruction moves; and what waits for an entity that is to be deleted.
CREATE UNIQUE INDEX credit_inbox_carried ON credit_inbox (carrier_id) WHERE carrier_id IS NOT NULL;
CREATE INDEX credit_inbox_to ON credit_inbox (to_account_id)
  WHERE absorbed_seq IS NULL AND refused_code IS NULL AND to_account_id IS NOT NULL;

-- What moved down (2), was given back (5) or reclaimed (6).
ALTER TABLE credit_allocations ADD COLUMN kind smallint NOT NULL DEFAULT 2;

-- The entry that last gave units back to it, until a snapshot covers that: free and held may say that it has none.
ALTER TABLE credit_lots ADD COLUMN reopened_seq bigint;
DROP INDEX credit_lots_due_by_shard;
CREATE INDEX credit_lots_due_by_shard ON credit_lots (shard_of(account_id), expires_at, account_id)
  WHERE NOT closed AND (free > 0 OR reopened_seq IS NOT NULL);
DROP INDEX credit_lots_due_by_tenant;
CREATE INDEX credit_lots_due_by_tenant ON credit_lots (tenant_id, expires_at)
  WHERE NOT closed AND (free + held > 0 OR reopened_seq IS NOT NULL);

-- What was reversed of spends and captures. The entries (19) say so, too: this finds those of one spend.
CREATE TABLE credit_reversals (
  account_id uuid NOT NULL,
  spent_seq  bigint NOT NULL, -- the entry that is reversed
  seq        bigint NOT NULL, -- the entry that reverses
  tenant_id  uuid NOT NULL,
  units      bigint NOT NULL CONSTRAINT credit_reversals_units_positive CHECK (units > 0),
  CONSTRAINT credit_reversals_pkey PRIMARY KEY (account_id, spent_seq, seq),
  CONSTRAINT credit_reversals_come_later CHECK (seq > spent_seq)
);
ALTER TABLE credit_reversals ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON credit_reversals TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON credit_reversals FOR SELECT TO tessera_writer USING (true);
GRANT SELECT ON credit_reversals TO tessera_api, tessera_writer;

-- Records reversals, and which lots they give units back to; after journal_append. TS003 names accounts where more would
-- be reversed than was spent, or by another application: whoever decided that did not know of an earlier one.
CREATE FUNCTION journal_reverse(accounts uuid[], seqs bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  too_much uuid[];
BEGIN
  INSERT INTO credit_reversals (account_id, spent_seq, seq, tenant_id, units)
  SELECT e.account_id, coalesce(substring(e.reference FROM '-([0-9]{1,18})$')::bigint, -1), e.seq, e.tenant_id, e.units
  FROM unnest(accounts, seqs) AS x (account, seq)
  CROSS JOIN LATERAL (SELECT * FROM credit_entries r WHERE r.account_id = x.account AND r.seq = x.seq OFFSET 0) AS e;

  SELECT array_agg(DISTINCT e.account_id) INTO too_much
  FROM unnest(accounts, seqs) AS x (account, seq)
  CROSS JOIN LATERAL (SELECT r.*, coalesce(substring(r.reference FROM '-([0-9]{1,18})$')::bigint, -1) AS spent_seq
                      FROM credit_entries r WHERE r.account_id = x.account AND r.seq = x.seq OFFSET 0) AS e
  WHERE (SELECT sum(t.units) FROM credit_reversals t WHERE t.account_id = e.account_id AND t.spent_seq = e.spent_seq) >
        coalesce((SELECT s.units FROM credit_entries s
                  WHERE s.account_id = e.account_id AND s.seq = e.spent_seq AND s.entry_type IN (4, 6)
                    AND s.application = e.application
                    AND e.reference = 'txn-' || replace(s.account_id::text, '-', '') || '-' || s.seq), 0);
  IF too_much IS NOT NULL THEN
    RAISE EXCEPTION 'more reversed than spent' USING ERRCODE = 'TS003', DETAIL = array_to_string(too_much, ',');
  END IF;

  UPDATE credit_lots l SET reopened_seq = p.seq
  FROM (SELECT s.lot_id, max(e.seq) AS seq
        FROM unnest(accounts, seqs) AS x (account, seq)
        CROSS JOIN LATERAL (SELECT * FROM credit_entries r
                            WHERE r.account_id = x.account AND r.seq = x.seq OFFSET 0) AS e
        CROSS JOIN LATERAL credit_slices(e.slices) AS s
        GROUP BY s.lot_id) AS p
  WHERE l.lot_id = p.lot_id;
END $$;

-- Marks inbox rows as carried out, in the round of the entries that do so, if it takes any (TS002: somebody else did).
DROP FUNCTION journal_absorb;
CREATE FUNCTION journal_absorb(ids uuid[], seqs bigint[], amounts bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  marked bigint;
BEGIN
  UPDATE credit_inbox i SET absorbed_seq = x.seq, fulfilled = x.amount
  FROM unnest(ids, seqs, amounts) AS x (id, seq, amount)
  WHERE i.inbox_id = x.id AND i.absorbed_seq IS NULL AND i.refused_code IS NULL;
  GET DIAGNOSTICS marked = ROW_COUNT;
  IF marked <> cardinality(ids) THEN
    RAISE EXCEPTION 'an inbox row was fulfilled already' USING ERRCODE = 'TS002';
  END IF;
  PERFORM journal_settle_purchases(ids);
END $$;

-- As before (0020): what goes back up (5, 6) is recorded like the legs of an allocation. What an instruction moves is an
-- allocation of its own, named by the row that brings it: many accounts may be asked for one purpose.
CREATE OR REPLACE FUNCTION journal_send(
  ids uuid[], accounts uuid[], kinds smallint[], refs text[], senders uuid[], sender_seqs bigint[],
  principal_kinds smallint[], principal_ids text[], principal_applications text[], request_ids text[], amounts bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- An aggregate, so that the condition is looked at in the row that was locked, not in the one that was found.
  IF (
    SELECT bool_or(receivers.status = 'deleted') FROM (
      SELECT e.status FROM entities e
      WHERE e.account_id IN (SELECT u.account FROM unnest(accounts, kinds) AS u (account, kind) WHERE u.kind <> 3)
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
  IF EXISTS (SELECT FROM credit_inbox a JOIN credit_inbox i ON i.inbox_id = a.carrier_id
             WHERE a.carrier_id = ANY (ids) AND (i.account_id, i.sender_account_id) IS DISTINCT FROM (a.to_account_id, a.account_id))
  THEN
    RAISE EXCEPTION 'credits go where they were told to' USING ERRCODE = 'foreign_key_violation';
  END IF;

  INSERT INTO credit_allocations (
    allocation_id, leg, kind, tenant_id, from_account_id, from_entity_type, from_entity_id, from_seq, to_account_id,
    to_entity_type, to_entity_id, inbox_id, credits_allocated, allocated_by, allocated_at)
  SELECT n.name, row_number() OVER (PARTITION BY x.sender, n.name ORDER BY x.seq) - 1, x.kind, s.tenant_id, x.sender,
         s.entity_type, s.entity_id, x.seq, x.account, t.entity_type, t.entity_id, x.id, x.amount, x.principal_id,
         (SELECT b.booked_at FROM credit_entries b WHERE b.account_id = x.sender AND b.seq = x.seq)
  FROM unnest(ids, accounts, kinds, refs, senders, sender_seqs, principal_ids, amounts)
    AS x (id, account, kind, ref, sender, seq, principal_id, amount)
  CROSS JOIN LATERAL (SELECT CASE WHEN EXISTS (SELECT FROM credit_inbox a WHERE a.carrier_id = x.id)
                                  THEN 'alloc-' || x.id ELSE x.ref END AS name) AS n
  JOIN entities s ON s.account_id = x.sender
  JOIN entities t ON t.account_id = x.account AND t.tenant_id = s.tenant_id
  WHERE x.kind IN (2, 5, 6);
END $$;

-- As before (0011), with refunds: what was bought goes back for good.
CREATE OR REPLACE FUNCTION journal_tell(accounts uuid[], seqs bigint[], kinds text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
           'purchaseId', CASE e.entry_type WHEN 1 THEN e.reference WHEN 15 THEN b.purchase_id END,
           'holdId', CASE WHEN e.entry_type = 15 THEN e.reference END,
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
                     LIMIT 1) AS a ON true
  LEFT JOIN LATERAL (SELECT nullif(l.purchase_id, '') AS purchase_id
                     FROM credit_slices(e.slices) AS s JOIN credit_lots l ON l.lot_id = s.lot_id
                     WHERE e.entry_type = 15 LIMIT 1) AS b ON true;
END $$;

-- As before (0026): a lot that got units back may have had none.
CREATE OR REPLACE FUNCTION journal_snapshot(
  accounts uuid[], new_seqs bigint[], heads bytea[], booked timestamptz[], useds bigint[], reserveds bigint[],
  availables bigint[], debts bigint[], ins bigint[], expireds bigint[], refundeds bigint[], claweds bigint[],
  outs bigint[], repaids bigint[], frozens boolean[], holds bytea[], lots uuid[], frees bigint[], helds bigint[],
  amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  replaced bigint;
BEGIN
  WITH saved AS (
    UPDATE credit_balances b
    SET seq = x.seq, head = x.head, booked_at = x.booked, total_credits = x.used + x.reserved + x.available,
        used_credits = x.used, reserved_credits = x.reserved, available_credits = x.available, debt = x.debt,
        lifetime_in = x.ins, expired = x.expired, refunded = x.refunded, clawed_back = x.clawed,
        allocated_out = x.outs, debt_repaid = x.repaid, frozen = x.frozen, open_holds = x.holds,
        last_updated = clock_timestamp()
    FROM unnest(accounts, new_seqs, heads, booked, useds, reserveds, availables, debts, ins, expireds, refundeds,
                claweds, outs, repaids, frozens, holds)
      AS x (account, seq, head, booked, used, reserved, available, debt, ins, expired, refunded, clawed, outs, repaid,
            frozen, holds)
    WHERE b.account_id = x.account AND b.seq < x.seq
    RETURNING b.account_id, b.seq
  ), left_over AS (
    UPDATE credit_lots l
    SET free = n.free, held = n.held, added = n.added, reopened_seq = n.reopened_seq
    FROM (SELECT m.lot_id, coalesce(y.free, 0) AS free, coalesce(y.held, 0) AS held,
                 coalesce(y.amount - m.amount, m.added) AS added,
                 CASE WHEN m.reopened_seq > saved.seq THEN m.reopened_seq END AS reopened_seq
          FROM saved
          JOIN credit_lots m ON m.account_id = saved.account_id AND m.opened_seq <= saved.seq
          LEFT JOIN unnest(lots, frees, helds, amounts) AS y (lot, free, held, amount) ON y.lot = m.lot_id
          WHERE m.free + m.held > 0 OR m.reopened_seq IS NOT NULL) AS n
    WHERE l.lot_id = n.lot_id
      AND (l.free, l.held, l.added, l.reopened_seq) IS DISTINCT FROM (n.free, n.held, n.added, n.reopened_seq)
  )
  SELECT count(*) INTO replaced FROM saved;
  RETURN replaced;
END $$;

-- Where the units of purchases are (0008), and what of them repaid a debt. A lot that was reinstated is one of its own:
-- the units that it stands for count as what they were, expired or clawed back.
DROP INDEX credit_entries_endings;
CREATE INDEX credit_entries_endings ON credit_entries (account_id, seq) WHERE entry_type IN (14, 15, 16, 17);
DROP FUNCTION purchase_holders;
CREATE FUNCTION purchase_holders(purchases text[])
RETURNS TABLE (purchase_id text, account_id uuid, free bigint, held bigint, expired bigint, refunded bigint, clawed bigint,
               repaid bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH lots AS (
    SELECT l.purchase_id, l.lot_id, l.account_id, l.opened_seq, l.free, l.held, l.expires_at <= now() AS is_over,
           b.seq AS snapshot
    FROM credit_lots l JOIN credit_balances b ON b.account_id = l.account_id
    WHERE l.purchase_id = ANY (purchases) AND l.purchase_id <> '' AND l.kind <> 5
  ), holders AS (
    SELECT l.account_id, min(l.snapshot) AS snapshot, min(l.opened_seq) AS opened FROM lots l GROUP BY l.account_id
  ), effects (entry_type, free, held) AS ( -- as in actors/domain/entry_effects.cpp
    VALUES (1, 1, 0), (2, 1, 0), (3, 1, 0), (4, -1, 0), (5, -1, 1), (6, 0, -1), (7, 1, -1), (8, -1, 0), (9, 1, 0),
           (10, -1, 0), (11, 1, 0), (12, -1, 0), (13, 1, 0), (14, -1, 0), (15, 0, -1), (16, -1, 0), (17, -1, 0),
           (18, 1, 0), (19, 1, 0)
  ), later AS (
    SELECT l.lot_id, sum(s.units * f.free) AS free, sum(s.units * f.held) AS held
    FROM holders h
    CROSS JOIN LATERAL ( -- in their order, so that the index is walked from there on, whatever the statistics say
      SELECT t.* FROM credit_entries t WHERE t.account_id = h.account_id AND t.seq > h.snapshot ORDER BY t.seq) AS e
    CROSS JOIN LATERAL credit_slices(e.slices) AS s
    JOIN effects f ON f.entry_type = e.entry_type
    JOIN lots l ON l.lot_id = s.lot_id AND e.seq > l.opened_seq
    GROUP BY l.lot_id
  ), ended AS (
    SELECT l.lot_id, sum(s.units) FILTER (WHERE e.entry_type = 14) AS expired,
           sum(s.units) FILTER (WHERE e.entry_type = 15) AS refunded,
           sum(s.units) FILTER (WHERE e.entry_type = 16) AS clawed,
           sum(s.units) FILTER (WHERE e.entry_type = 17) AS repaid
    FROM holders h
    CROSS JOIN LATERAL (
      SELECT t.* FROM credit_entries t
      WHERE t.account_id = h.account_id AND t.seq > h.opened AND t.entry_type IN (14, 15, 16, 17) ORDER BY t.seq) AS e
    CROSS JOIN LATERAL credit_slices(e.slices) AS s
    JOIN lots l ON l.lot_id = s.lot_id
    GROUP BY l.lot_id
  ), figures AS (
    SELECT l.purchase_id, l.account_id, coalesce(l.is_over, false) AS is_over,
           l.free + coalesce(t.free, 0) AS free, l.held + coalesce(t.held, 0) AS held,
           coalesce(d.expired, 0) AS expired, coalesce(d.refunded, 0) AS refunded, coalesce(d.clawed, 0) AS clawed,
           coalesce(d.repaid, 0) AS repaid
    FROM lots l LEFT JOIN later t ON t.lot_id = l.lot_id LEFT JOIN ended d ON d.lot_id = l.lot_id
  )
  SELECT x.purchase_id, x.account_id,
         sum(CASE WHEN x.is_over THEN 0 ELSE x.free END)::bigint, sum(x.held)::bigint,
         sum(x.expired + CASE WHEN x.is_over THEN x.free ELSE 0 END)::bigint,
         sum(x.refunded)::bigint, sum(x.clawed)::bigint, sum(x.repaid)::bigint
  FROM figures x GROUP BY x.purchase_id, x.account_id
$$;

GRANT EXECUTE ON FUNCTION purchase_holders TO tessera_api;
GRANT EXECUTE ON FUNCTION journal_reverse, journal_absorb TO tessera_writer;
