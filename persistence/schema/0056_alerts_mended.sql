-- What was found of alerts and suppressions (docs/decisions/0062-alerts.md, 0063-sms.md).

-- What of a lot is free and what is held now: as of the snapshot, and what the entries after it did (as in
-- actors/domain/entry_effects.cpp).
CREATE FUNCTION units_of_lot(lot uuid, OUT free bigint, OUT held bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT l.free + coalesce(since.free, 0)::bigint, l.held + coalesce(since.held, 0)::bigint
  FROM credit_lots l JOIN credit_balances b ON b.account_id = l.account_id
  CROSS JOIN LATERAL (
    SELECT sum(CASE WHEN e.entry_type IN (1, 2, 3, 7, 9, 11, 13, 18, 19) THEN s.units
                    WHEN e.entry_type IN (4, 5, 8, 10, 12, 14, 16, 17) THEN -s.units ELSE 0 END) AS free,
           sum(CASE WHEN e.entry_type = 5 THEN s.units WHEN e.entry_type IN (6, 7, 15) THEN -s.units ELSE 0 END) AS held
    FROM (SELECT t.* FROM credit_entries t
          WHERE t.account_id = l.account_id AND t.seq > greatest(b.seq, l.opened_seq) ORDER BY t.seq) AS e
    CROSS JOIN LATERAL credit_slices(e.slices) AS s
    WHERE s.lot_id = l.lot_id) AS since
  WHERE l.lot_id = lot
$$;
CREATE OR REPLACE FUNCTION free_units_of(lot uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT u.free FROM units_of_lot(lot) AS u
$$;

-- As before (0045), but for what is left: where a change goes on after the fall, what is there when it ends and is low still.
-- Of a part of what lots were only the fall itself says what that is.
CREATE OR REPLACE FUNCTION journal_alert(accounts uuid[], seqs bigint[], kinds text[], thresholds text[]) RETURNS void
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
           'availableCredits', l.available_after,
           'totalCredits', l.used_after + l.reserved_after + l.available_after,
           'bookedAt', to_char(e.booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
  FROM unnest(accounts, seqs, kinds, thresholds) AS x (account, seq, kind, threshold)
  JOIN credit_entries e ON e.account_id = x.account AND e.seq = x.seq
  JOIN entities n ON n.account_id = e.account_id
  CROSS JOIN LATERAL (
    SELECT t.available_after, t.reserved_after, t.used_after FROM credit_entries t
    WHERE t.account_id = x.account AND t.seq >= x.seq
      AND (t.seq = x.seq OR CASE WHEN x.threshold ~ '^[0-9]+$' THEN t.available_after <= x.threshold::bigint END)
    ORDER BY t.seq DESC LIMIT 1) AS l;
END $$;

-- As before (0045). A stage in which nothing is free is not over: what is held may come back within hours, and what was
-- spent may be reversed within days.
CREATE OR REPLACE FUNCTION warn_of_expiry(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  at timestamptz := clock_timestamp();
  looked bigint := 0;
  one record;
  stage bigint;
  later bigint;
  units bigint;
  kept bigint;
  again timestamptz;
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
      units := 0;
      again := NULL;
      IF stage IS NOT NULL AND (one.warned_days IS NULL OR stage < one.warned_days) THEN
        SELECT u.free, u.held INTO units, kept FROM units_of_lot(one.lot_id) AS u;
        IF units = 0 THEN
          again := at + CASE WHEN kept > 0 THEN interval '1 hour' ELSE interval '1 day' END;
        END IF;
      END IF;
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
          look_at = least(one.expires_at - coalesce(later, 0) * interval '24 hours', again)
      WHERE w.lot_id = one.lot_id;
    EXCEPTION WHEN OTHERS THEN
      RAISE LOG 'the end of lot % is not told before an hour is over: % (%)', one.lot_id, SQLERRM, SQLSTATE;
      UPDATE credit_expiry_watch w SET look_at = at + interval '1 hour' WHERE w.lot_id = one.lot_id;
    END;
    EXIT WHEN clock_timestamp() > at + interval '2 seconds';
  END LOOP;
  RETURN looked;
END $$;

-- Of the lot that is due first nothing is told before an hour is over. For whoever asked to tell of it and was cut off: a
-- statement that is cancelled can put off nothing itself.
CREATE FUNCTION put_off_expiry() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE credit_expiry_watch SET look_at = clock_timestamp() + interval '1 hour' WHERE lot_id = (
    SELECT w.lot_id FROM credit_expiry_watch w WHERE w.look_at <= clock_timestamp()
    ORDER BY w.look_at, w.lot_id LIMIT 1 FOR UPDATE SKIP LOCKED)
$$;
GRANT EXECUTE ON FUNCTION put_off_expiry TO tessera_writer;

-- Lots are looked at again when there are other stages, and not for other thresholds.
DROP TRIGGER credit_alerts_look_again ON credit_alerts;
CREATE TRIGGER credit_alerts_look_again AFTER INSERT ON credit_alerts
  FOR EACH ROW WHEN (NEW.expiry_days <> '{30,7,1}') EXECUTE FUNCTION credit_alerts_look_again();
CREATE TRIGGER credit_alerts_look_again_at_others AFTER UPDATE OF expiry_days ON credit_alerts
  FOR EACH ROW WHEN (NEW.expiry_days IS DISTINCT FROM OLD.expiry_days) EXECUTE FUNCTION credit_alerts_look_again();

-- Whoever has SQL as tessera_api chooses for accounts of the tenant alone.
ALTER POLICY own_tenant ON credit_alerts WITH CHECK (tenant_id = current_tenant() AND EXISTS (
  SELECT FROM entities e WHERE e.account_id = credit_alerts.account_id AND e.tenant_id = credit_alerts.tenant_id));

-- Whose accounts are asked to read them: see due_store.cpp.
CREATE INDEX credit_alerts_changed ON credit_alerts (changed_at);

-- A balance that goes up and down past a threshold fills nobody's mailbox: what was written of it lately is found.
CREATE INDEX notifications_of_a_low_balance ON notifications (account_id, recipient, created_at)
  WHERE kind IN ('credits.low', 'credits.depleted') AND channel <> 'webhook';

-- What an account has now is what its last entry left: see `available_since` in current_facts_store.cpp.
GRANT EXECUTE ON FUNCTION units_of_lot TO tessera_writer;

-- A suppression that is over forbids nothing any more: it is as if there were none.
CREATE OR REPLACE FUNCTION sms_reaches_nobody(notification uuid, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, reason)
  SELECT gen_random_uuid(), n.tenant_id, 'sms', sha256(convert_to(n.recipient, 'UTF8')),
    left(n.recipient, 3) || repeat('*', greatest(length(n.recipient) - 5, 0)) || right(n.recipient, 2), why
  FROM notifications n WHERE n.notification_id = notification AND n.channel = 'sms'
  ON CONFLICT ON CONSTRAINT suppressions_one_each DO UPDATE SET reason = excluded.reason, until = NULL,
    created_by = '', created_at = clock_timestamp() WHERE suppressions.until <= clock_timestamp()
$$;

-- What the next migration indexes. A column is added in a moment, and locks the table until the migration ends: so it comes
-- last, and the index by itself.
-- When a notification was last asked for again.
ALTER TABLE notifications ADD COLUMN requeued_at timestamptz;
GRANT UPDATE (requeued_at) ON notifications TO tessera_api;
-- Since when an invitation's message is known to have failed for good, and whoever invited has not been told.
ALTER TABLE user_invitations ADD COLUMN undelivered_at timestamptz;
