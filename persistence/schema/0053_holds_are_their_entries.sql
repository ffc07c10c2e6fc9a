-- What a hold is is said by its entries alone (docs/decisions/0068-holds-are-their-entries.md): the row beside them cost a
-- round an insertion and a change for each pair of hold and capture. An entry that follows a hold names it in a column,
-- made of its reference: row-level security lets no reader use an index on a function that is not leakproof.
ALTER TABLE credit_entries ADD COLUMN hold_seq bigint GENERATED ALWAYS AS (
  CASE WHEN entry_type IN (6, 7, 15) THEN nullif(split_part(reference, '-', 3), '')::bigint END) STORED;
CREATE INDEX credit_entries_of_hold ON credit_entries (account_id, hold_seq, seq) WHERE hold_seq IS NOT NULL;

DROP FUNCTION journal_open_holds, journal_move_holds;
DROP TABLE credit_holds;

-- As before (0032), from the entries. The last one of a hold says what it is: open is 1.
CREATE OR REPLACE FUNCTION holds_over(account uuid, moment timestamptz) RETURNS TABLE (held bigint, back bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(p.units), 0)::bigint,
         coalesce(sum(p.units) FILTER (WHERE l.expires_at IS NULL OR l.expires_at > moment), 0)::bigint
  FROM (SELECT r.account_id, b.seq, b.open_hold_seqs
        FROM credit_hold_reminders r JOIN credit_balances b ON b.account_id = r.account_id
        WHERE r.account_id = account AND r.remind_at <= moment OFFSET 0) AS a
  CROSS JOIN LATERAL (
    SELECT s.seq FROM unnest(a.open_hold_seqs) AS s (seq) WHERE s.seq <= a.seq
    UNION ALL
    SELECT e.seq
    FROM (SELECT * FROM credit_entries t
          WHERE t.account_id = a.account_id AND t.seq > a.seq ORDER BY t.seq OFFSET 0) AS e
    WHERE e.entry_type = 5) AS h
  CROSS JOIN LATERAL (SELECT o.slices, o.hold_mark FROM credit_entries o
                      WHERE o.account_id = a.account_id AND o.seq = h.seq OFFSET 0) AS opened
  LEFT JOIN LATERAL (SELECT m.hold_mark FROM credit_entries m
                     WHERE m.account_id = a.account_id AND m.hold_seq = h.seq
                     ORDER BY m.seq DESC LIMIT 1) AS moved ON true
  CROSS JOIN LATERAL (SELECT coalesce(moved.hold_mark, opened.hold_mark) AS mark OFFSET 0) AS latest
  CROSS JOIN LATERAL (SELECT ('x' || encode(substring(latest.mark FROM 11 FOR 8), 'hex'))::bit(64)::bigint AS captured
                     ) AS so_far
  CROSS JOIN LATERAL (SELECT s.lot_id,
                             least(s.units, greatest(0, sum(s.units) OVER (ORDER BY s.n) - so_far.captured)) AS units
                      FROM credit_slices(opened.slices) WITH ORDINALITY AS s (lot_id, units, n)) AS p
  CROSS JOIN LATERAL (SELECT t.expires_at FROM credit_lots t WHERE t.lot_id = p.lot_id OFFSET 0) AS l
  WHERE get_byte(latest.mark, 1) = 1
    AND substring(latest.mark FROM 19) <= int8send((extract(epoch FROM moment) * 1000000)::bigint)
$$;
