-- A hold is one row that a round inserts and another changes: each index that it stands in is paid for by everybody who
-- holds (docs/decisions/0039-what-a-round-pays-for.md). Open ones are found by shard and end, for supervisors and readers
-- alike. The shard is a column: row-level security lets no reader use an index on a function that is not leakproof.
ALTER TABLE credit_holds ADD COLUMN shard smallint GENERATED ALWAYS AS (shard_of(account_id)) STORED;
DROP INDEX credit_holds_due;
DROP INDEX credit_holds_open;
CREATE INDEX credit_holds_due ON credit_holds (shard, ends_at, account_id) WHERE NOT closed;

-- As before (0026), in a language that keeps its plans. The settings: a plan may be made while the table is empty.
DROP FUNCTION journal_open_holds;
CREATE FUNCTION journal_open_holds(
  accounts uuid[], opened bigint[], tenants uuid[], ends timestamptz[], last_seqs bigint[], closeds boolean[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO credit_holds (account_id, opened_seq, tenant_id, ends_at, last_seq, closed)
  SELECT unnest(accounts), unnest(opened), unnest(tenants), unnest(ends), unnest(last_seqs), unnest(closeds);
END $$;
DROP FUNCTION journal_move_holds;
CREATE FUNCTION journal_move_holds(accounts uuid[], opened bigint[], last_seqs bigint[], closeds boolean[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
BEGIN
  UPDATE credit_holds h SET last_seq = x.last_seq, closed = x.closed
  FROM unnest(accounts, opened, last_seqs, closeds) AS x (account, opened, last_seq, closed)
  WHERE h.account_id = x.account AND h.opened_seq = x.opened AND NOT h.closed AND h.last_seq < x.last_seq;
END $$;
GRANT EXECUTE ON FUNCTION journal_open_holds, journal_move_holds TO tessera_writer;

-- As before (0026), by the shard: of holds that are over, few are open still, whosever they are.
CREATE OR REPLACE FUNCTION holds_over(account uuid, moment timestamptz) RETURNS TABLE (held bigint, back bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(p.units), 0)::bigint,
         coalesce(sum(p.units) FILTER (WHERE l.expires_at IS NULL OR l.expires_at > moment), 0)::bigint
  FROM (SELECT d.account_id, d.opened_seq, d.last_seq FROM credit_holds d
        WHERE NOT d.closed AND d.shard = shard_of(account) AND d.ends_at <= moment OFFSET 0) AS h
  CROSS JOIN LATERAL (SELECT o.slices FROM credit_entries o
                      WHERE o.account_id = h.account_id AND o.seq = h.opened_seq OFFSET 0) AS opened
  CROSS JOIN LATERAL (SELECT ('x' || encode(substring(m.hold_mark FROM 11 FOR 8), 'hex'))::bit(64)::bigint AS captured
                      FROM credit_entries m WHERE m.account_id = h.account_id AND m.seq = h.last_seq OFFSET 0) AS latest
  CROSS JOIN LATERAL (SELECT s.lot_id,
                             least(s.units, greatest(0, sum(s.units) OVER (ORDER BY s.n) - latest.captured)) AS units
                      FROM credit_slices(opened.slices) WITH ORDINALITY AS s (lot_id, units, n)) AS p
  CROSS JOIN LATERAL (SELECT t.expires_at FROM credit_lots t WHERE t.lot_id = p.lot_id OFFSET 0) AS l
  WHERE h.account_id = account
$$;

-- The keys of an account's entries from one seq to before another: neighbours of an old key.
CREATE FUNCTION journal_keys_between(of_account uuid, first bigint, stop bigint)
RETURNS TABLE (key uuid, print uuid, account uuid, entry_seq bigint, amount bigint, usable bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT e.idempotency_key, e.fingerprint, e.account_id, e.seq, e.units, e.usable_after
               FROM credit_entries e
               WHERE e.account_id = of_account AND e.seq >= first AND e.seq < stop AND e.idempotency_key IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION journal_keys_between TO tessera_writer;
