-- What happens beside a reversal (docs/decisions/0041-reversals.md).

-- As before (0027), but a lot that is reopened while this waits for its row keeps the mark that the reversal left there:
-- what is written is looked at in the row that was locked, not in the one that was found.
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

-- As before (0027), but nothing comes back to an entity that is gone: who deletes one has looked at what it has.
CREATE OR REPLACE FUNCTION journal_reverse(accounts uuid[], seqs bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  too_much uuid[];
BEGIN
  -- An aggregate, so that the condition is looked at in the row that was locked, not in the one that was found.
  IF (
    SELECT bool_or(receivers.status = 'deleted') FROM (
      SELECT n.status FROM entities n WHERE n.account_id = ANY (accounts)
      ORDER BY n.account_id FOR KEY SHARE) AS receivers) THEN
    RAISE EXCEPTION 'the entity was deleted' USING ERRCODE = 'foreign_key_violation';
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
