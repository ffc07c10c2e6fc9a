-- Alerts (docs/decisions/0062-alerts.md): a balance that falls to a threshold is told in the round of the entry that lets it
-- fall; credits that are about to end are told by whoever finds them, once for each lot and stage.

CREATE TABLE credit_alerts (
  account_id  uuid PRIMARY KEY REFERENCES entities,
  tenant_id   uuid NOT NULL REFERENCES tenants,
  thresholds  text[] NOT NULL CONSTRAINT credit_alerts_thresholds_are_known CHECK (
    cardinality(thresholds) = 0 OR array_to_string(thresholds, ',') ~ '^([1-9][0-9]{0,15}|[1-9][0-9]?%)(,([1-9][0-9]{0,15}|[1-9][0-9]?%))*$'),
  expiry_days bigint[] NOT NULL CONSTRAINT credit_alerts_days_in_range CHECK (
    cardinality(expiry_days) = 0 OR (1 <= ALL (expiry_days) AND 365 >= ALL (expiry_days))),
  version     bigint NOT NULL DEFAULT 1,
  changed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Every lot that is going to end, when it is looked at next, and the last stage that was told.
CREATE TABLE credit_expiry_watch (
  lot_id      uuid PRIMARY KEY,
  account_id  uuid NOT NULL REFERENCES entities,
  tenant_id   uuid NOT NULL,
  look_at     timestamptz NOT NULL,
  warned_days bigint
);
CREATE INDEX credit_expiry_watch_due ON credit_expiry_watch (look_at);
CREATE INDEX credit_expiry_watch_of_an_account ON credit_expiry_watch (account_id);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['credit_alerts', 'credit_expiry_watch'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I FOR SELECT TO tessera_writer USING (true)', name);
    EXECUTE format('GRANT SELECT ON %I TO tessera_api, tessera_writer', name);
  END LOOP;
END $$;
GRANT INSERT ON credit_alerts TO tessera_api;
GRANT UPDATE (thresholds, expiry_days, version, changed_at) ON credit_alerts TO tessera_api;

-- Before how many days the account's people want to hear that credits end.
CREATE FUNCTION credit_expiry_days(account uuid) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT a.expiry_days FROM credit_alerts a WHERE a.account_id = account), '{30,7,1}')
$$;

CREATE FUNCTION credit_lots_are_watched() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO credit_expiry_watch (lot_id, account_id, tenant_id, look_at)
  SELECT o.lot_id, o.account_id, o.tenant_id,
         o.expires_at - coalesce((SELECT max(d) FROM unnest(credit_expiry_days(o.account_id)) AS d), 0) * interval '24 hours'
  FROM opened o WHERE o.expires_at IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER credit_lots_are_watched AFTER INSERT ON credit_lots
  REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION credit_lots_are_watched();
INSERT INTO credit_expiry_watch (lot_id, account_id, tenant_id, look_at)
SELECT l.lot_id, l.account_id, l.tenant_id, l.expires_at - 30 * interval '24 hours'
FROM credit_lots l WHERE NOT l.closed AND l.expires_at > clock_timestamp();

-- Other stages: all of the account's lots are looked at again.
CREATE FUNCTION credit_alerts_look_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE credit_expiry_watch SET look_at = clock_timestamp() WHERE account_id = NEW.account_id;
  RETURN NULL;
END $$;
CREATE TRIGGER credit_alerts_look_again AFTER INSERT OR UPDATE OF expiry_days ON credit_alerts
  FOR EACH ROW EXECUTE FUNCTION credit_alerts_look_again();

-- What is free of a lot now: as of the snapshot, and what the entries after it did.
CREATE FUNCTION free_units_of(lot uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT l.free + coalesce((
    SELECT sum(CASE WHEN e.entry_type IN (1, 2, 3, 7, 9, 11, 13, 18, 19) THEN s.units -- as in actors/domain/entry_effects.cpp
                    WHEN e.entry_type IN (4, 5, 8, 10, 12, 14, 16, 17) THEN -s.units ELSE 0 END)
    FROM (SELECT t.* FROM credit_entries t
          WHERE t.account_id = l.account_id AND t.seq > greatest(b.seq, l.opened_seq) ORDER BY t.seq) AS e
    CROSS JOIN LATERAL credit_slices(e.slices) AS s
    WHERE s.lot_id = l.lot_id), 0)::bigint
  FROM credit_lots l JOIN credit_balances b ON b.account_id = l.account_id WHERE l.lot_id = lot
$$;

-- As before (0027), at the time of the round: what one statement tells is not later than what another does, and the
-- entries say in which order it happened.
CREATE OR REPLACE FUNCTION journal_tell(accounts uuid[], seqs bigint[], kinds text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, created_at, payload)
  SELECT gen_random_uuid(), e.tenant_id, e.account_id, x.kind, now(),
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

-- In the round of the entry that lets a balance fall so far: kinds are credits.low with its threshold, credits.depleted
-- without one.
CREATE FUNCTION journal_alert(accounts uuid[], seqs bigint[], kinds text[], thresholds text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, created_at, payload)
  SELECT gen_random_uuid(), e.tenant_id, e.account_id, x.kind, now(),
         jsonb_strip_nulls(jsonb_build_object(
           'transactionId', 'txn-' || replace(e.account_id::text, '-', '') || '-' || e.seq,
           'seq', e.seq,
           'entityType', CASE n.entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization' ELSE 'location' END,
           'entityId', n.entity_id,
           'threshold', nullif(x.threshold, ''),
           'availableCredits', e.available_after,
           'totalCredits', e.used_after + e.reserved_after + e.available_after,
           'bookedAt', to_char(e.booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
  FROM unnest(accounts, seqs, kinds, thresholds) AS x (account, seq, kind, threshold)
  JOIN credit_entries e ON e.account_id = x.account AND e.seq = x.seq
  JOIN entities n ON n.account_id = e.account_id;
END $$;

-- Tells of credits that end, `most` lots at a time: of each lot the nearest stage that has begun, if it was not told and
-- something is left. Answers how many lots it looked at. A lot that can't be told of waits an hour, so that the others need
-- not; and what was told in two seconds is kept, however much is due.
CREATE FUNCTION warn_of_expiry(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  at timestamptz := clock_timestamp();
  looked bigint := 0;
  one record;
  stage bigint;
  later bigint;
  units bigint;
BEGIN
  FOR one IN
    SELECT w.lot_id, w.warned_days, l.account_id, l.tenant_id, l.expires_at, l.expiry_date, l.purchase_id, l.closed,
           n.entity_type, n.entity_id, credit_expiry_days(l.account_id) AS days
    FROM credit_expiry_watch w JOIN credit_lots l ON l.lot_id = w.lot_id JOIN entities n ON n.account_id = l.account_id
    WHERE w.look_at <= at ORDER BY w.look_at, w.lot_id LIMIT most FOR UPDATE OF w SKIP LOCKED
  LOOP
    looked := looked + 1;
    BEGIN
      IF one.closed OR one.expires_at <= at THEN
        DELETE FROM credit_expiry_watch w WHERE w.lot_id = one.lot_id;
        CONTINUE;
      END IF;
      SELECT min(d) FILTER (WHERE one.expires_at - d * interval '24 hours' <= at),
             max(d) FILTER (WHERE one.expires_at - d * interval '24 hours' > at)
      INTO stage, later FROM unnest(one.days) AS d;
      units := CASE WHEN stage IS NULL OR stage >= one.warned_days THEN 0 ELSE free_units_of(one.lot_id) END;
      IF units > 0 THEN
        INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload)
        VALUES (gen_random_uuid(), one.tenant_id, one.account_id, 'credits.expiring', jsonb_strip_nulls(jsonb_build_object(
          'entityType', CASE one.entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization' ELSE 'location' END,
          'entityId', one.entity_id,
          'lotId', one.lot_id,
          'purchaseId', nullif(one.purchase_id, ''),
          'credits', units,
          'daysLeft', stage,
          'expiresAt', to_char(one.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'expiryDate', one.expiry_date)));
      END IF;
      UPDATE credit_expiry_watch w
      SET warned_days = CASE WHEN units > 0 THEN stage ELSE w.warned_days END,
          look_at = one.expires_at - coalesce(later, 0) * interval '24 hours'
      WHERE w.lot_id = one.lot_id;
    EXCEPTION WHEN OTHERS THEN
      RAISE LOG 'the end of lot % is not told before an hour is over: % (%)', one.lot_id, SQLERRM, SQLSTATE;
      UPDATE credit_expiry_watch w SET look_at = at + interval '1 hour' WHERE w.lot_id = one.lot_id;
    END;
    EXIT WHEN clock_timestamp() > at + interval '2 seconds';
  END LOOP;
  RETURN looked;
END $$;

GRANT EXECUTE ON FUNCTION journal_alert, warn_of_expiry, free_units_of TO tessera_writer;
