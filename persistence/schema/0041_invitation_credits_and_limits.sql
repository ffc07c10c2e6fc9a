-- Credits that come with an invitation (docs/decisions/0059-starter-credits.md), and what limits of sending count.

-- A reservation is the inbox row that asks the source to set them aside, and what is done with the hold that it opens.
-- One that no invitation has after ten seconds goes back: its call was refused, or died.
CREATE TABLE invitation_starter_credits (
  reservation_id  uuid CONSTRAINT invitation_starter_credits_pkey PRIMARY KEY
    CONSTRAINT invitation_starter_credits_are_asked_for REFERENCES credit_inbox,
  tenant_id       uuid NOT NULL,
  invitation_id   text NOT NULL,        -- no foreign key: the credits are there first
  from_account_id uuid NOT NULL,
  to_account_id   uuid NOT NULL,
  credits         bigint NOT NULL CONSTRAINT invitation_starter_credits_positive CHECK (credits > 0),
  ends_at         timestamptz NOT NULL, -- the end of the invitation that they were asked for: their lots live so long
  held_until      timestamptz NOT NULL, -- at least
  attached        boolean NOT NULL DEFAULT false, -- the invitation is there and has these
  idempotency_key uuid,                 -- of the call: who repeats it meets what was set aside for it
  settled_as      text CONSTRAINT invitation_starter_credits_settled_how CHECK (settled_as IN ('moved', 'returned')),
  settled_by      uuid,                 -- the inbox row that moves them on or lets them go; null: there is no hold
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT invitation_starter_credits_from_exists FOREIGN KEY (tenant_id, from_account_id)
    REFERENCES entities (tenant_id, account_id),
  CONSTRAINT invitation_starter_credits_to_exists FOREIGN KEY (tenant_id, to_account_id)
    REFERENCES entities (tenant_id, account_id),
  CONSTRAINT invitation_starter_credits_go_elsewhere CHECK (from_account_id <> to_account_id),
  CONSTRAINT invitation_starter_credits_move_with_it CHECK (settled_as IS DISTINCT FROM 'moved' OR attached)
);
CREATE UNIQUE INDEX invitation_starter_credits_of_an_invitation ON invitation_starter_credits (tenant_id, invitation_id)
  WHERE attached;
CREATE INDEX invitation_starter_credits_stray ON invitation_starter_credits (created_at)
  WHERE NOT attached AND settled_as IS NULL;
CREATE INDEX invitation_starter_credits_of_a_key ON invitation_starter_credits (idempotency_key)
  WHERE NOT attached AND settled_as IS NULL;

ALTER TABLE invitation_starter_credits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON invitation_starter_credits TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON invitation_starter_credits FOR SELECT TO tessera_writer USING (true);
GRANT SELECT, INSERT, UPDATE ON invitation_starter_credits TO tessera_api;
GRANT SELECT ON invitation_starter_credits TO tessera_writer;

-- Tells the source what becomes of the hold: it moves on, or is let go. Once: what is settled stays so. To an entity
-- that is gone nothing moves.
CREATE FUNCTION settle_starter_credits(reservation uuid, moves boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  r invitation_starter_credits;
  opened bigint;
  -- By their time, as all others: inboxes are read in the order of ids.
  told uuid := (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
                || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid;
  gone uuid[];
BEGIN
  SELECT * INTO r FROM invitation_starter_credits s
  WHERE s.reservation_id = reservation AND s.settled_as IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- Locked in the order of everybody; looked at in the rows that were locked.
  SELECT array_agg(held.account_id) FILTER (WHERE held.status = 'deleted') INTO gone FROM (
    SELECT e.account_id, e.status FROM entities e WHERE e.account_id IN (r.from_account_id, r.to_account_id)
    ORDER BY e.account_id FOR KEY SHARE) AS held;
  moves := moves AND NOT coalesce(r.to_account_id = ANY (gone), false);
  SELECT i.absorbed_seq INTO opened FROM credit_inbox i WHERE i.inbox_id = reservation;
  IF opened IS NULL OR coalesce(r.from_account_id = ANY (gone), false) THEN
    UPDATE invitation_starter_credits s SET settled_as = 'returned' WHERE s.reservation_id = reservation;
    RETURN;
  END IF;
  INSERT INTO credit_inbox (
    inbox_id, account_id, tenant_id, kind, principal_kind, principal_id, principal_application, request_id, reference,
    credits, holds, to_account_id, carrier_id)
  SELECT told, i.account_id, i.tenant_id, CASE WHEN moves THEN 19 ELSE 17 END, i.principal_kind, i.principal_id,
         i.principal_application, i.request_id, i.reference, 0, ARRAY[opened],
         CASE WHEN moves THEN r.to_account_id END, CASE WHEN moves THEN gen_random_uuid() END
  FROM credit_inbox i WHERE i.inbox_id = reservation;
  UPDATE invitation_starter_credits s SET settled_as = CASE WHEN moves THEN 'moved' ELSE 'returned' END, settled_by = told
  WHERE s.reservation_id = reservation;
END $$;

-- Whatever ends an invitation says so in its status: the credits are settled in the same transaction. Once a statement:
-- those without credits cost nothing when thousands are over.
CREATE FUNCTION invitation_credits_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM settle_starter_credits(s.reservation_id, now_so.status = 'accepted')
  FROM now_so JOIN before_it USING (tenant_id, invitation_id)
    JOIN invitation_starter_credits s USING (tenant_id, invitation_id)
  WHERE now_so.status <> before_it.status AND now_so.status IN ('accepted', 'declined', 'cancelled', 'expired')
    AND s.attached AND s.settled_as IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER invitation_credits_settled AFTER UPDATE ON user_invitations
  REFERENCING OLD TABLE AS before_it NEW TABLE AS now_so
  FOR EACH STATEMENT EXECUTE FUNCTION invitation_credits_settled();

-- The same for who is in the tenant: credits of an invitation that is pending still go back.
CREATE FUNCTION return_starter_credits(reservation uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM settle_starter_credits(s.reservation_id, false) FROM invitation_starter_credits s
  WHERE s.reservation_id = reservation AND s.tenant_id = current_tenant();
END $$;

-- Of all tenants: what was set aside for a call that came to nothing. One that its source has not looked at yet waits.
CREATE FUNCTION return_stray_starter_credits(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  returned bigint;
BEGIN
  WITH stray AS (
    SELECT s.reservation_id FROM invitation_starter_credits s JOIN credit_inbox i ON i.inbox_id = s.reservation_id
    WHERE NOT s.attached AND s.settled_as IS NULL AND s.created_at < now() - interval '10 seconds'
      AND (i.absorbed_seq IS NOT NULL OR i.refused_code IS NOT NULL)
    ORDER BY s.created_at LIMIT most FOR UPDATE OF s SKIP LOCKED
  ), settled AS (
    SELECT settle_starter_credits(reservation_id, false) FROM stray
  )
  SELECT count(*) INTO returned FROM settled;
  RETURN returned;
END $$;

GRANT EXECUTE ON FUNCTION return_starter_credits(uuid) TO tessera_api;
GRANT EXECUTE ON FUNCTION return_stray_starter_credits(bigint) TO tessera_writer;

-- What was sent again counts like what was sent.
CREATE INDEX invitation_activities_resent ON invitation_activities (tenant_id, created_at) WHERE activity_type = 'resent';

-- When somebody was sent something within so many seconds, by anybody: how many bother one person is not the affair of
-- one tenant (W-33). In place of invitations_to_person (0037), which counts invitations only.
CREATE FUNCTION sends_to_person(person text, within_seconds bigint) RETURNS SETOF timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.created_at FROM user_invitations i
  WHERE i.email_person = person AND i.created_at > clock_timestamp() - within_seconds * interval '1 second'
  UNION ALL
  SELECT a.created_at FROM user_invitations i JOIN invitation_activities a USING (tenant_id, invitation_id)
  WHERE i.email_person = person AND a.activity_type = 'resent'
    AND a.created_at > clock_timestamp() - within_seconds * interval '1 second'
$$;
GRANT EXECUTE ON FUNCTION sends_to_person(text, bigint) TO tessera_api;
