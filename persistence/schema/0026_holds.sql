-- Holds: credits that are set aside (docs/decisions/0035-holds.md). The entries say what became of them.

-- What entries of the types 5, 6 and 7 say of their hold: 26 bytes as they were hashed (docs/ledger-format.md, fields 40
-- to 44).
ALTER TABLE credit_entries ADD COLUMN hold_mark bytea;
-- Not valid: the rows that are there have none, and need not be read for that.
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_hold_mark_is_whole CHECK (octet_length(hold_mark) = 26) NOT VALID;

-- Open holds as of the snapshot, packed by hold_bytes.cpp.
ALTER TABLE credit_balances ADD COLUMN open_holds bytea NOT NULL DEFAULT '';
ALTER TABLE credit_kept_snapshots ADD COLUMN open_holds bytea NOT NULL DEFAULT '';

-- One row per hold, written in the round that opens it: which entry said last what it is, and whether that was the end.
CREATE TABLE credit_holds (
  account_id uuid NOT NULL,
  opened_seq bigint NOT NULL,
  tenant_id  uuid NOT NULL,
  ends_at    timestamptz NOT NULL,
  last_seq   bigint NOT NULL,
  closed     boolean NOT NULL,
  CONSTRAINT credit_holds_pkey PRIMARY KEY (account_id, opened_seq),
  CONSTRAINT credit_holds_move_on CHECK (last_seq >= opened_seq)
);
-- For the supervisors; and for readers of one account, whom row-level security keeps from the first.
CREATE INDEX credit_holds_due ON credit_holds (shard_of(account_id), ends_at, account_id) WHERE NOT closed;
CREATE INDEX credit_holds_open ON credit_holds (account_id, ends_at) WHERE NOT closed;

ALTER TABLE credit_holds ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON credit_holds TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON credit_holds FOR SELECT TO tessera_writer USING (true);
GRANT SELECT ON credit_holds TO tessera_api, tessera_writer;

-- Units that are held may come back after the last snapshot and be over before the next: such a lot counts, too, where
-- what is over and not booked is taken off a balance.
DROP INDEX credit_lots_due_by_tenant;
CREATE INDEX credit_lots_due_by_tenant ON credit_lots (tenant_id, expires_at) WHERE NOT closed AND free + held > 0;

-- As before (0012), with the marks of holds; a round without any passes none.
DROP FUNCTION journal_append;
CREATE FUNCTION journal_append(
  head_accounts uuid[], head_seqs bigint[], head_hashes bytea[], node uuid,
  accounts uuid[], seqs bigint[], tenants uuid[], types smallint[], units bigint[], slices bytea[],
  availables bigint[], reserveds bigint[], useds bigint[], debts bigint[], usables bigint[],
  occurred timestamptz[], booked timestamptz[], keys uuid[], fingerprints uuid[], principal_kinds smallint[],
  applications text[], meters text[], refs text[], principal_ids text[], principal_applications text[],
  request_ids text[], event_ids text[], caller_keys text[], metadatas text[], hashes bytea[], marks bytea[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  outrun uuid[];
BEGIN
  IF cardinality(head_accounts) > 0 THEN
    outrun := journal_outrun(head_accounts, head_seqs, head_hashes);
  END IF;
  IF outrun IS NOT NULL THEN
    RAISE EXCEPTION 'outrun by another writer' USING ERRCODE = 'TS001', DETAIL = array_to_string(outrun, ',');
  END IF;
  INSERT INTO credit_entries (
    account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
    usable_after, occurred_at, booked_at, idempotency_key, fingerprint, writer, principal_kind, application, meter,
    reference, principal_id, principal_application, request_id, event_id, caller_key, metadata, hash, hold_mark)
  SELECT unnest(accounts), unnest(seqs), unnest(tenants), unnest(types), unnest(units), unnest(slices),
         unnest(availables), unnest(reserveds), unnest(useds), unnest(debts), unnest(usables), unnest(occurred),
         unnest(booked), unnest(keys), unnest(fingerprints), node, unnest(principal_kinds), unnest(applications),
         unnest(meters), unnest(refs), unnest(principal_ids), unnest(principal_applications), unnest(request_ids),
         unnest(event_ids), unnest(caller_keys), unnest(metadatas), unnest(hashes), unnest(marks);
END $$;

-- Records holds that a round opens, as the round leaves them, and what it does to others.
CREATE FUNCTION journal_open_holds(
  accounts uuid[], opened bigint[], tenants uuid[], ends timestamptz[], last_seqs bigint[], closeds boolean[]
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO credit_holds (account_id, opened_seq, tenant_id, ends_at, last_seq, closed)
  SELECT unnest(accounts), unnest(opened), unnest(tenants), unnest(ends), unnest(last_seqs), unnest(closeds)
$$;
CREATE FUNCTION journal_move_holds(accounts uuid[], opened bigint[], last_seqs bigint[], closeds boolean[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE credit_holds h SET last_seq = x.last_seq, closed = x.closed
  FROM unnest(accounts, opened, last_seqs, closeds) AS x (account, opened, last_seq, closed)
  WHERE h.account_id = x.account AND h.opened_seq = x.opened AND NOT h.closed AND h.last_seq < x.last_seq
$$;

-- As before (0011), with the open holds.
DROP FUNCTION journal_snapshot;
CREATE FUNCTION journal_snapshot(
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

-- As before (0010), with the open holds.
CREATE OR REPLACE FUNCTION keep_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO credit_kept_snapshots
  SELECT NEW.account_id, NEW.seq, NEW.tenant_id, NEW.head, NEW.booked_at, NEW.used_credits, NEW.reserved_credits,
         NEW.available_credits, NEW.debt, NEW.lifetime_in, NEW.expired, NEW.refunded, NEW.clawed_back,
         NEW.allocated_out, NEW.debt_repaid, NEW.frozen, coalesce(array_agg(l.lot_id), '{}'),
         coalesce(array_agg(l.free), '{}'), coalesce(array_agg(l.held), '{}'), coalesce(array_agg(l.amount), '{}'),
         NEW.open_holds
  FROM (SELECT lot_id, free, held, amount + added AS amount
        FROM credit_lots AS o
        WHERE account_id = NEW.account_id AND opened_seq <= NEW.seq AND free + held > 0
        ORDER BY opened_seq, position) AS l;
  RETURN NULL;
END $$;

-- What open holds of the account that are over by `moment` still stand for in its last entry: `held` units are held by
-- nobody any more, and `back` of them are available, those whose lot is not over. Captures take from a hold in the order
-- in which it took.
CREATE FUNCTION holds_over(account uuid, moment timestamptz) RETURNS TABLE (held bigint, back bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(p.units), 0)::bigint,
         coalesce(sum(p.units) FILTER (WHERE l.expires_at IS NULL OR l.expires_at > moment), 0)::bigint
  FROM credit_holds h
  CROSS JOIN LATERAL (SELECT o.slices FROM credit_entries o
                      WHERE o.account_id = h.account_id AND o.seq = h.opened_seq OFFSET 0) AS opened
  CROSS JOIN LATERAL (SELECT ('x' || encode(substring(m.hold_mark FROM 11 FOR 8), 'hex'))::bit(64)::bigint AS captured
                      FROM credit_entries m WHERE m.account_id = h.account_id AND m.seq = h.last_seq OFFSET 0) AS latest
  CROSS JOIN LATERAL (SELECT s.lot_id,
                             least(s.units, greatest(0, sum(s.units) OVER (ORDER BY s.n) - latest.captured)) AS units
                      FROM credit_slices(opened.slices) WITH ORDINALITY AS s (lot_id, units, n)) AS p
  CROSS JOIN LATERAL (SELECT t.expires_at FROM credit_lots t WHERE t.lot_id = p.lot_id OFFSET 0) AS l
  WHERE NOT h.closed AND h.account_id = account AND h.ends_at <= moment
$$;

GRANT EXECUTE ON FUNCTION journal_append, journal_open_holds, journal_move_holds, journal_snapshot TO tessera_writer;
GRANT EXECUTE ON FUNCTION holds_over TO tessera_api;
