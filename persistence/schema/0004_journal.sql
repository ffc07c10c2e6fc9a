-- The only way to append: the writer role may execute these functions and nothing else on the ledger.

-- Accounts whose chain does not end with (or go through) the entry that the writer built on.
-- A correlated sub-select, so that it is one index probe per account whatever the statistics say.
CREATE FUNCTION journal_outrun(accounts uuid[], seqs bigint[], hashes bytea[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  RETURN (
    SELECT array_agg(h.account)
    FROM unnest(accounts, seqs, hashes) AS h (account, seq, hash)
    WHERE h.hash IS DISTINCT FROM
          (SELECT e.hash FROM credit_entries e WHERE e.account_id = h.account AND e.seq = h.seq));
END $$;

-- Appends a round. The first entry of each account must follow the very entry that its writer saw last (TS001
-- names the accounts that fail): whoever can append has seen the state that the decision rested on.
CREATE FUNCTION journal_append(
  head_accounts uuid[], head_seqs bigint[], head_hashes bytea[], node uuid,
  accounts uuid[], seqs bigint[], tenants uuid[], types smallint[], units bigint[], slices bytea[],
  availables bigint[], reserveds bigint[], useds bigint[], debts bigint[], usables bigint[],
  occurred timestamptz[], booked timestamptz[], keys uuid[], fingerprints uuid[], principal_kinds smallint[],
  applications text[], meters text[], refs text[], principal_ids text[], principal_applications text[],
  request_ids text[], event_ids text[], caller_keys text[], metadatas text[], hashes bytea[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  outrun uuid[] := journal_outrun(head_accounts, head_seqs, head_hashes);
BEGIN
  IF outrun IS NOT NULL THEN
    RAISE EXCEPTION 'outrun by another writer' USING ERRCODE = 'TS001', DETAIL = array_to_string(outrun, ',');
  END IF;
  INSERT INTO credit_entries (
    account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
    usable_after, occurred_at, booked_at, idempotency_key, fingerprint, writer, principal_kind, application, meter,
    reference, principal_id, principal_application, request_id, event_id, caller_key, metadata, hash)
  SELECT unnest(accounts), unnest(seqs), unnest(tenants), unnest(types), unnest(units), unnest(slices),
         unnest(availables), unnest(reserveds), unnest(useds), unnest(debts), unnest(usables), unnest(occurred),
         unnest(booked), unnest(keys), unnest(fingerprints), node, unnest(principal_kinds), unnest(applications),
         unnest(meters), unnest(refs), unnest(principal_ids), unnest(principal_applications), unnest(request_ids),
         unnest(event_ids), unnest(caller_keys), unnest(metadatas), unnest(hashes);
END $$;

-- Opens lots, in the round of the entries that open them.
CREATE FUNCTION journal_open_lots(
  ids uuid[], accounts uuid[], tenants uuid[], roots uuid[], parents uuid[], seqs bigint[], positions smallint[],
  kinds smallint[], priorities smallint[], effective timestamptz[], expires timestamptz[], application_lists text[],
  purchases text[], costs bigint[], currencies text[], amounts bigint[], expiry_dates text[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO credit_lots (
    lot_id, account_id, tenant_id, root_lot_id, parent_lot_id, opened_seq, position, kind, priority, effective_at,
    expires_at, applications, purchase_id, unit_cost_minor, currency, amount, expiry_date, free,
    held)
  SELECT x.id, x.account, x.tenant, x.root, x.parent, x.seq, x.position, x.kind, x.priority, x.effective,
         x.expires, x.list::text[], x.purchase, x.cost, x.currency, x.amount, x.expiry_date::date,
         x.amount, 0
  FROM unnest(ids, accounts, tenants, roots, parents, seqs, positions, kinds, priorities, effective, expires,
              application_lists, purchases, costs, currencies, amounts, expiry_dates)
    AS x (id, account, tenant, root, parent, seq, position, kind, priority, effective, expires, list, purchase, cost,
          currency, amount, expiry_date);
END $$;

CREATE FUNCTION journal_close_lots(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE credit_lots SET closed = true WHERE lot_id = ANY (ids)
$$;

-- Marks inbox rows as fulfilled, in the round of the entries that fulfil them (TS002: somebody else did).
CREATE FUNCTION journal_absorb(ids uuid[], seqs bigint[]) RETURNS void
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
END $$;

CREATE FUNCTION journal_refuse(ids uuid[], codes text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE credit_inbox i SET refused_code = x.code
  FROM unnest(ids, codes) AS x (id, code)
  WHERE i.inbox_id = x.id AND i.absorbed_seq IS NULL AND i.refused_code IS NULL
$$;

-- The entries that carry one of these keys.
CREATE FUNCTION journal_find_keys(keys uuid[])
RETURNS TABLE (key uuid, print uuid, account uuid, entry_seq bigint, amount bigint, usable bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  RETURN QUERY SELECT e.idempotency_key, e.fingerprint, e.account_id, e.seq, e.units, e.usable_after
               FROM credit_entries e WHERE e.idempotency_key = ANY (keys);
END $$;

-- Accounts that have an entry after the given one: after a collision, whose writers lost.
CREATE FUNCTION journal_passed(accounts uuid[], seqs bigint[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT h.account FROM unnest(accounts, seqs) AS h (account, seq)
  WHERE EXISTS (SELECT FROM credit_entries e WHERE e.account_id = h.account AND e.seq = h.seq + 1)
$$;

-- Replaces older snapshots. A lot that is not listed has nothing left.
CREATE FUNCTION journal_snapshot(
  accounts uuid[], new_seqs bigint[], heads bytea[], booked timestamptz[], useds bigint[], reserveds bigint[],
  availables bigint[], debts bigint[], ins bigint[], expireds bigint[], refundeds bigint[], claweds bigint[],
  outs bigint[], repaids bigint[], frozens boolean[], lots uuid[], frees bigint[], helds bigint[]
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
    SET free = n.free, held = n.held
    FROM (SELECT m.lot_id, coalesce(y.free, 0) AS free, coalesce(y.held, 0) AS held
          FROM saved
          JOIN credit_lots m ON m.account_id = saved.account_id AND m.opened_seq <= saved.seq
          LEFT JOIN unnest(lots, frees, helds) AS y (lot, free, held) ON y.lot = m.lot_id
          WHERE m.free + m.held > 0) AS n
    WHERE l.lot_id = n.lot_id AND (l.free, l.held) IS DISTINCT FROM (n.free, n.held)
  )
  SELECT count(*) INTO replaced FROM saved;
  RETURN replaced;
END $$;

-- Opens the account of a new entity: the genesis entry and the first snapshot.
CREATE FUNCTION journal_open_account(
  account uuid, tenant uuid, opened timestamptz, node uuid, genesis_hash bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM entities WHERE account_id = account AND tenant_id = tenant) THEN
    RAISE EXCEPTION 'no such entity in the tenant' USING ERRCODE = 'foreign_key_violation';
  END IF;
  INSERT INTO credit_entries (
    account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
    usable_after, occurred_at, booked_at, writer, principal_kind, application, meter, reference, principal_id,
    principal_application, request_id, event_id, caller_key, metadata, hash)
  VALUES (account, 0, tenant, 0, 0, '', 0, 0, 0, 0, 0, opened, opened, node, 0, '', '', '', '', '', '', '', '', '',
          genesis_hash);
  INSERT INTO credit_balances (account_id, tenant_id, seq, head, booked_at)
  VALUES (account, tenant, 0, genesis_hash, opened);
END $$;

GRANT EXECUTE ON FUNCTION journal_append, journal_open_lots, journal_close_lots, journal_absorb, journal_refuse,
  journal_find_keys, journal_passed, journal_snapshot, journal_outrun TO tessera_writer;
GRANT EXECUTE ON FUNCTION journal_open_account TO tessera_api;
GRANT EXECUTE ON FUNCTION credit_slices TO tessera_api, tessera_writer;
GRANT SELECT ON credit_entries, credit_lots, credit_balances, credit_inbox TO tessera_api, tessera_writer;
GRANT INSERT ON credit_inbox TO tessera_api;
GRANT INSERT ON outbox TO tessera_api;
