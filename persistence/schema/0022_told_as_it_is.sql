-- A purchase's row says what became of it, from the round that takes it in or refuses it (until now it said `completed`
-- from the start, and every reader had to look at the inbox to know better).
UPDATE credit_purchases p
SET status = CASE WHEN i.refused_code IS NOT NULL THEN 'failed' WHEN i.absorbed_seq IS NULL THEN 'pending'
                  ELSE 'completed' END,
    completed_at = CASE WHEN i.absorbed_seq IS NOT NULL THEN
      greatest(p.created_at, (SELECT e.booked_at FROM credit_entries e
                              WHERE e.account_id = i.account_id AND e.seq = i.absorbed_seq)) END
FROM credit_inbox i WHERE i.inbox_id = p.inbox_id;
ALTER TABLE credit_purchases ADD CONSTRAINT credit_purchases_completed_has_its_time CHECK (
  CASE status WHEN 'completed' THEN completed_at IS NOT NULL WHEN 'pending' THEN completed_at IS NULL ELSE true END);

-- What these inbox rows bought: absorbed where they have an entry, else refused. Few are purchases; each is met by its
-- primary key, whatever the statistics say. An entry is booked by its node's clock: it must not seem to be there before the
-- purchase was made.
CREATE FUNCTION journal_settle_purchases(ids uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  bought record;
BEGIN
  FOR bought IN SELECT i.purchase_id, i.account_id, i.absorbed_seq FROM credit_inbox i
                WHERE i.inbox_id = ANY (ids) AND i.kind = 1 AND i.purchase_id <> '' LOOP
    UPDATE credit_purchases p
    SET status = CASE WHEN bought.absorbed_seq IS NULL THEN 'failed' ELSE 'completed' END,
        completed_at = CASE WHEN bought.absorbed_seq IS NOT NULL THEN
          greatest(p.created_at, (SELECT e.booked_at FROM credit_entries e
                                  WHERE e.account_id = bought.account_id AND e.seq = bought.absorbed_seq)) END
    WHERE p.purchase_id = bought.purchase_id;
  END LOOP;
END $$;

-- Marks inbox rows as fulfilled, in the round of the entries that fulfil them (TS002: somebody else did).
CREATE OR REPLACE FUNCTION journal_absorb(ids uuid[], seqs bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  marked bigint;
BEGIN
  UPDATE credit_inbox i SET absorbed_seq = x.seq
  FROM unnest(ids, seqs) AS x (id, seq)
  WHERE i.inbox_id = x.id AND i.absorbed_seq IS NULL AND i.refused_code IS NULL;
  GET DIAGNOSTICS marked = ROW_COUNT;
  IF marked <> cardinality(ids) THEN
    RAISE EXCEPTION 'an inbox row was fulfilled already' USING ERRCODE = 'TS002';
  END IF;
  PERFORM journal_settle_purchases(ids);
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
  PERFORM journal_settle_purchases(ids);
END $$;

-- What an entity sent, newest first; what it received has credit_allocations_received.
CREATE INDEX credit_allocations_sent ON credit_allocations (from_account_id, allocation_id);

-- Rights that nothing uses: events and what becomes of purchases are written by the journal functions.
REVOKE INSERT ON outbox FROM tessera_api;
REVOKE UPDATE ON credit_purchases FROM tessera_api;
