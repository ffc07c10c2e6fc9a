-- What one command is refused for, others do not pay for; and what was missing where credits come back
-- (docs/decisions/0044-one-command-is-refused-alone.md).

-- As before (0027), but whoever sends to an entity that is gone is told which it is: TS004 names the accounts. What an
-- instruction moves has one name: its entries say it, too.
CREATE OR REPLACE FUNCTION journal_send(
  ids uuid[], accounts uuid[], kinds smallint[], refs text[], senders uuid[], sender_seqs bigint[],
  principal_kinds smallint[], principal_ids text[], principal_applications text[], request_ids text[], amounts bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  closed uuid[];
BEGIN
  -- Looked at in the rows that were locked, not in those that were found.
  SELECT array_agg(receivers.account_id) FILTER (WHERE receivers.status = 'deleted') INTO closed FROM (
    SELECT e.account_id, e.status FROM entities e
    WHERE e.account_id IN (SELECT u.account FROM unnest(accounts, kinds) AS u (account, kind) WHERE u.kind <> 3)
    ORDER BY e.account_id FOR KEY SHARE) AS receivers;
  IF closed IS NOT NULL THEN
    RAISE EXCEPTION 'a receiver was deleted' USING ERRCODE = 'TS004', DETAIL = array_to_string(closed, ',');
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
  SELECT x.ref, row_number() OVER (PARTITION BY x.sender, x.ref ORDER BY x.seq) - 1, x.kind, s.tenant_id, x.sender,
         s.entity_type, s.entity_id, x.seq, x.account, t.entity_type, t.entity_id, x.id, x.amount, x.principal_id,
         (SELECT b.booked_at FROM credit_entries b WHERE b.account_id = x.sender AND b.seq = x.seq)
  FROM unnest(ids, accounts, kinds, refs, senders, sender_seqs, principal_ids, amounts)
    AS x (id, account, kind, ref, sender, seq, principal_id, amount)
  JOIN entities s ON s.account_id = x.sender
  JOIN entities t ON t.account_id = x.account AND t.tenant_id = s.tenant_id
  WHERE x.kind IN (2, 5, 6);
END $$;

-- As before (0030), with the same words: nothing comes back to an entity that is gone.
CREATE OR REPLACE FUNCTION journal_reverse(accounts uuid[], seqs bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  too_much uuid[];
  closed uuid[];
BEGIN
  -- Looked at in the rows that were locked, not in those that were found.
  SELECT array_agg(receivers.account_id) FILTER (WHERE receivers.status = 'deleted') INTO closed FROM (
    SELECT n.account_id, n.status FROM entities n WHERE n.account_id = ANY (accounts)
    ORDER BY n.account_id FOR KEY SHARE) AS receivers;
  IF closed IS NOT NULL THEN
    RAISE EXCEPTION 'the entity was deleted' USING ERRCODE = 'TS004', DETAIL = array_to_string(closed, ',');
  END IF;

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

-- A lot whose units are all held as of the last snapshot may have got some back since, and be over: it is due like any
-- other. Where they are held still it stays so, and whoever looks finds nothing to do.
DROP INDEX credit_lots_due_by_shard;
CREATE INDEX credit_lots_due_by_shard ON credit_lots (shard_of(account_id), expires_at, account_id)
  WHERE NOT closed AND (free + held > 0 OR reopened_seq IS NOT NULL);

-- Nothing is set aside for longer than anything takes: a thousand days. Beyond the calendar a row could never be carried
-- out. Not valid: who left the rows that are there was given the time by others.
ALTER TABLE credit_inbox ADD CONSTRAINT credit_inbox_set_aside_for_a_while
  CHECK (ttl_us IS NULL OR ttl_us <= 86400000000000) NOT VALID;

-- As before (0011), but what the caller was told is left may stand beside the entry: what became free repaid a debt.
CREATE OR REPLACE FUNCTION journal_find_answers(keys uuid[])
RETURNS TABLE (key uuid, print uuid, account uuid, entry_seq bigint, amount bigint, usable bigint, refused text,
               blocker smallint, allowed bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT e.idempotency_key, e.fingerprint, e.account_id, e.seq, e.units, coalesce(told.available, e.usable_after), '',
           0::smallint, 0::bigint
    FROM credit_entries e
    LEFT JOIN LATERAL (SELECT a.available FROM credit_answers a
                       WHERE e.entry_type <> 4 AND a.idempotency_key = e.idempotency_key AND a.refused_code IS NULL
                       OFFSET 0) AS told ON true
    WHERE e.idempotency_key = ANY (keys)
    UNION ALL
    SELECT a.idempotency_key, a.fingerprint, a.account_id, a.seq, a.requested, a.available, a.refused_code, a.blocker,
           a.would_allow
    FROM credit_answers a WHERE a.idempotency_key = ANY (keys) AND a.refused_code IS NOT NULL;
END $$;

-- As before (0029), likewise.
CREATE OR REPLACE FUNCTION journal_keys_between(of_account uuid, first bigint, stop bigint)
RETURNS TABLE (key uuid, print uuid, account uuid, entry_seq bigint, amount bigint, usable bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT e.idempotency_key, e.fingerprint, e.account_id, e.seq, e.units,
                      coalesce((SELECT a.available FROM credit_answers a
                                WHERE e.entry_type <> 4 AND a.idempotency_key = e.idempotency_key
                                  AND a.refused_code IS NULL), e.usable_after)
               FROM credit_entries e
               WHERE e.account_id = of_account AND e.seq >= first AND e.seq < stop AND e.idempotency_key IS NOT NULL;
END $$;
