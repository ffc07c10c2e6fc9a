-- A hold is one row that a round inserts and another changes (0029). Now it stands in one index, and what changes of it
-- stands in none: the change costs no index anything, and finds room beside the row (docs/decisions/0045-reminders.md).
ALTER TABLE credit_holds SET (fillfactor = 60);
DROP INDEX credit_holds_due;
ALTER TABLE credit_holds DROP COLUMN shard;

-- As before (0009), without captures (6): they come as often as spends, and are read like them.
DROP INDEX credit_entries_of_type;
CREATE INDEX credit_entries_of_type ON credit_entries (account_id, entry_type, application, booked_at)
  WHERE entry_type NOT IN (4, 6);

-- When a supervisor must look at an account: no open hold of it ends before. Written by the account's own rounds, and
-- only where a hold ends before everything that is known, or when the time has come.
CREATE TABLE credit_hold_reminders (
  account_id uuid CONSTRAINT credit_hold_reminders_pkey PRIMARY KEY,
  tenant_id  uuid NOT NULL,
  shard      smallint NOT NULL,
  remind_at  timestamptz NOT NULL
);
CREATE INDEX credit_hold_reminders_due ON credit_hold_reminders (shard, remind_at, account_id);
INSERT INTO credit_hold_reminders
SELECT account_id, tenant_id, shard_of(account_id), min(ends_at) FROM credit_holds WHERE NOT closed
GROUP BY account_id, tenant_id;
ALTER TABLE credit_hold_reminders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON credit_hold_reminders TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON credit_hold_reminders FOR SELECT TO tessera_writer USING (true);
GRANT SELECT ON credit_hold_reminders TO tessera_api, tessera_writer;

-- Writes reminders down; null: no hold is open. After the round's entries: whoever does not know of the account's last
-- entry does not know when its holds end.
CREATE FUNCTION journal_remind(accounts uuid[], ats timestamptz[], seqs bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  known uuid[];
BEGIN
  SELECT array_agg(x.account) INTO known
  FROM unnest(accounts, seqs) AS x (account, seq)
  WHERE NOT EXISTS (SELECT FROM credit_entries e WHERE e.account_id = x.account AND e.seq > x.seq);
  INSERT INTO credit_hold_reminders AS r (account_id, tenant_id, shard, remind_at)
  SELECT x.account, e.tenant_id, shard_of(x.account), x.at
  FROM unnest(accounts, ats) AS x (account, at) JOIN entities e ON e.account_id = x.account
  WHERE x.account = ANY (known) AND x.at IS NOT NULL
  ON CONFLICT (account_id) DO UPDATE SET remind_at = excluded.remind_at;
  DELETE FROM credit_hold_reminders r USING unnest(accounts, ats) AS x (account, at)
  WHERE r.account_id = x.account AND x.account = ANY (known) AND x.at IS NULL;
END $$;
GRANT EXECUTE ON FUNCTION journal_remind TO tessera_writer;

-- Which holds are open as of the snapshot: with those opened since, all that may be.
ALTER TABLE credit_balances ADD COLUMN open_hold_seqs bigint[] NOT NULL DEFAULT '{}';
-- The layout of hold_bytes.cpp: seq, 26 bytes of the mark, two texts, a byte, four texts; a text has its length before it.
CREATE FUNCTION seqs_in(bytes bytea) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  seqs bigint[] := '{}';
  at int := 1;
BEGIN
  WHILE at <= octet_length(bytes) LOOP
    seqs := seqs || ('x' || encode(substring(bytes FROM at FOR 8), 'hex'))::bit(64)::bigint;
    at := at + 8 + 26;
    FOR field IN 1..6 LOOP
      IF field = 3 THEN at := at + 1; END IF;
      at := at + 4 + ('x' || encode(substring(bytes FROM at FOR 4), 'hex'))::bit(32)::int;
    END LOOP;
  END LOOP;
  RETURN seqs;
END $$;
UPDATE credit_balances SET open_hold_seqs = seqs_in(open_holds) WHERE open_holds <> '';
DROP FUNCTION seqs_in(bytea);

-- As before (0030), with their seqs.
DROP FUNCTION journal_snapshot;
CREATE FUNCTION journal_snapshot(
  accounts uuid[], new_seqs bigint[], heads bytea[], booked timestamptz[], useds bigint[], reserveds bigint[],
  availables bigint[], debts bigint[], ins bigint[], expireds bigint[], refundeds bigint[], claweds bigint[],
  outs bigint[], repaids bigint[], frozens boolean[], holds bytea[], hold_lists text[], lots uuid[], frees bigint[],
  helds bigint[], amounts bigint[]
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
        open_hold_seqs = x.hold_list::bigint[], last_updated = clock_timestamp()
    FROM unnest(accounts, new_seqs, heads, booked, useds, reserveds, availables, debts, ins, expireds, refundeds,
                claweds, outs, repaids, frozens, holds, hold_lists)
      AS x (account, seq, head, booked, used, reserved, available, debt, ins, expired, refunded, clawed, outs, repaid,
            frozen, holds, hold_list)
    WHERE b.account_id = x.account AND b.seq < x.seq
    RETURNING b.account_id, b.seq
  ), left_over AS (
    UPDATE credit_lots l
    SET free = n.free, held = n.held, added = n.added,
        reopened_seq = CASE WHEN l.reopened_seq > n.seq THEN l.reopened_seq END
    FROM (SELECT m.lot_id, coalesce(y.free, 0) AS free, coalesce(y.held, 0) AS held,
                 coalesce(y.amount - m.amount, m.added) AS added, saved.seq
          FROM saved
          JOIN credit_lots m ON m.account_id = saved.account_id AND m.opened_seq <= saved.seq
          LEFT JOIN unnest(lots, frees, helds, amounts) AS y (lot, free, held, amount) ON y.lot = m.lot_id
          WHERE m.free + m.held > 0 OR m.reopened_seq IS NOT NULL) AS n
    WHERE l.lot_id = n.lot_id
      AND ((l.free, l.held, l.added) IS DISTINCT FROM (n.free, n.held, n.added) OR l.reopened_seq <= n.seq)
  )
  SELECT count(*) INTO replaced FROM saved;
  RETURN replaced;
END $$;
GRANT EXECUTE ON FUNCTION journal_snapshot TO tessera_writer;

-- As before (0029), of one account alone: where its reminder says that none is over, nothing else is looked at.
CREATE OR REPLACE FUNCTION holds_over(account uuid, moment timestamptz) RETURNS TABLE (held bigint, back bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(p.units), 0)::bigint,
         coalesce(sum(p.units) FILTER (WHERE l.expires_at IS NULL OR l.expires_at > moment), 0)::bigint
  FROM (SELECT r.account_id, b.seq, b.open_hold_seqs
        FROM credit_hold_reminders r JOIN credit_balances b ON b.account_id = r.account_id
        WHERE r.account_id = account AND r.remind_at <= moment OFFSET 0) AS a
  CROSS JOIN LATERAL (
    SELECT d.account_id, d.opened_seq, d.last_seq
    FROM unnest(a.open_hold_seqs) AS s (seq)
    CROSS JOIN LATERAL (SELECT * FROM credit_holds t
                        WHERE t.account_id = a.account_id AND t.opened_seq = s.seq OFFSET 0) AS d
    WHERE d.opened_seq <= a.seq AND NOT d.closed AND d.ends_at <= moment
    UNION ALL
    SELECT d.account_id, d.opened_seq, d.last_seq
    FROM (SELECT * FROM credit_holds t
          WHERE t.account_id = a.account_id AND t.opened_seq > a.seq ORDER BY t.opened_seq OFFSET 0) AS d
    WHERE NOT d.closed AND d.ends_at <= moment) AS h
  CROSS JOIN LATERAL (SELECT o.slices FROM credit_entries o
                      WHERE o.account_id = h.account_id AND o.seq = h.opened_seq OFFSET 0) AS opened
  CROSS JOIN LATERAL (SELECT ('x' || encode(substring(m.hold_mark FROM 11 FOR 8), 'hex'))::bit(64)::bigint AS captured
                      FROM credit_entries m WHERE m.account_id = h.account_id AND m.seq = h.last_seq OFFSET 0) AS latest
  CROSS JOIN LATERAL (SELECT s.lot_id,
                             least(s.units, greatest(0, sum(s.units) OVER (ORDER BY s.n) - latest.captured)) AS units
                      FROM credit_slices(opened.slices) WITH ORDINALITY AS s (lot_id, units, n)) AS p
  CROSS JOIN LATERAL (SELECT t.expires_at FROM credit_lots t WHERE t.lot_id = p.lot_id OFFSET 0) AS l
$$;
