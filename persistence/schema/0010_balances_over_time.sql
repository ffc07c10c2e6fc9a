-- Snapshots that are kept: where the fold of a past balance begins (`?at=`). About one for each 4,096 entries of an
-- account, so that any instant costs a fold of a few thousand entries at most, however long the account is.
CREATE TABLE credit_kept_snapshots (
  account_id       uuid NOT NULL REFERENCES entities,
  seq              bigint NOT NULL, -- every figure is as of this entry
  tenant_id        uuid NOT NULL,
  head             bytea NOT NULL,  -- its hash
  booked_at        timestamptz NOT NULL,
  used_credits     bigint NOT NULL,
  reserved_credits bigint NOT NULL,
  available_credits bigint NOT NULL,
  debt             bigint NOT NULL,
  lifetime_in      bigint NOT NULL,
  expired          bigint NOT NULL,
  refunded         bigint NOT NULL,
  clawed_back      bigint NOT NULL,
  allocated_out    bigint NOT NULL,
  debt_repaid      bigint NOT NULL,
  frozen           boolean NOT NULL,
  lot_ids          uuid[] NOT NULL,   -- lots with units left, in the order in which they were opened
  frees            bigint[] NOT NULL, -- theirs
  helds            bigint[] NOT NULL, -- theirs
  amounts          bigint[] NOT NULL, -- theirs, with what arrived later
  CONSTRAINT credit_kept_snapshots_pkey PRIMARY KEY (account_id, seq),
  CONSTRAINT credit_kept_snapshots_lots_match
    CHECK (cardinality(frees) = cardinality(lot_ids) AND cardinality(helds) = cardinality(lot_ids)
      AND cardinality(amounts) = cardinality(lot_ids))
);

-- Runs after the statement of journal_snapshot, lots included, so that balance and lots belong together. `added`, how
-- far later arrivals have raised a lot, comes with allocation (migration 0011); until then there is none.
CREATE FUNCTION keep_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO credit_kept_snapshots
  SELECT NEW.account_id, NEW.seq, NEW.tenant_id, NEW.head, NEW.booked_at, NEW.used_credits, NEW.reserved_credits,
         NEW.available_credits, NEW.debt, NEW.lifetime_in, NEW.expired, NEW.refunded, NEW.clawed_back,
         NEW.allocated_out, NEW.debt_repaid, NEW.frozen, coalesce(array_agg(l.lot_id), '{}'),
         coalesce(array_agg(l.free), '{}'), coalesce(array_agg(l.held), '{}'), coalesce(array_agg(l.amount), '{}')
  FROM (SELECT lot_id, free, held, amount + coalesce((to_jsonb(o) ->> 'added')::bigint, 0) AS amount
        FROM credit_lots AS o
        WHERE account_id = NEW.account_id AND opened_seq <= NEW.seq AND free + held > 0
        ORDER BY opened_seq, position) AS l;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_snapshot AFTER UPDATE OF seq ON credit_balances
  FOR EACH ROW WHEN (NEW.seq / 4096 > OLD.seq / 4096) EXECUTE FUNCTION keep_snapshot();

-- The last good day of credits that are good for so many days from `since` on, in the tenant's zone, and the instant
-- after it: the first one of the next local day, whether or not that day has a midnight (R-C 3.9).
CREATE FUNCTION last_good_day(since timestamptz, days integer, zone text) RETURNS date
LANGUAGE sql STABLE STRICT RETURN (since AT TIME ZONE zone)::date + days;
CREATE FUNCTION end_of_local_day(day date, zone text) RETURNS timestamptz
LANGUAGE sql STABLE STRICT RETURN (day + 1)::timestamp AT TIME ZONE zone;

GRANT EXECUTE ON FUNCTION last_good_day, end_of_local_day TO tessera_api, tessera_writer;
GRANT SELECT ON credit_kept_snapshots TO tessera_api, tessera_writer;
ALTER TABLE credit_kept_snapshots ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON credit_kept_snapshots TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON credit_kept_snapshots FOR SELECT TO tessera_writer USING (true);
