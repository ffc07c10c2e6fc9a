-- Links that many may use (docs/decisions/0061-links-for-many.md). Of the token its SHA-256 is enough: it is derived again
-- for whoever repeats the call that made it.
CREATE TABLE invitation_links (
  tenant_id           uuid NOT NULL REFERENCES tenants,
  link_id             text NOT NULL,
  name                text NOT NULL DEFAULT '',
  token_sha256        bytea NOT NULL CONSTRAINT invitation_links_are_unique UNIQUE
    CONSTRAINT invitation_links_are_hashed CHECK (octet_length(token_sha256) = 32),
  created_by          text NOT NULL,     -- no foreign key: history outlives whoever made it
  creator_kind        smallint NOT NULL, -- of a principal
  creator_application text NOT NULL DEFAULT '',
  domains             text[] NOT NULL DEFAULT '{}',
  most_uses           bigint NOT NULL CONSTRAINT invitation_links_uses_in_range CHECK (most_uses BETWEEN 1 AND 1000),
  expiry_hours        bigint NOT NULL,   -- of each invitation
  expires_at          timestamptz NOT NULL,
  created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_at          timestamptz,
  revoke_reason       text NOT NULL DEFAULT '',
  CONSTRAINT invitation_links_pkey PRIMARY KEY (tenant_id, link_id)
);
CREATE TABLE invitation_link_assignments (
  tenant_id   uuid NOT NULL,
  link_id     text NOT NULL,
  position    smallint NOT NULL,
  account_id  uuid NOT NULL,
  entity_role smallint NOT NULL CONSTRAINT invitation_link_assignments_role_is_known CHECK (entity_role BETWEEN 1 AND 2),
  CONSTRAINT invitation_link_assignments_pkey PRIMARY KEY (tenant_id, link_id, position),
  CONSTRAINT invitation_link_assignments_link_exists FOREIGN KEY (tenant_id, link_id) REFERENCES invitation_links,
  CONSTRAINT invitation_link_assignments_entity_exists FOREIGN KEY (tenant_id, account_id)
    REFERENCES entities (tenant_id, account_id)
);
CREATE INDEX invitation_link_assignments_of_an_entity ON invitation_link_assignments (account_id);
CREATE TABLE invitation_link_applications (
  tenant_id      uuid NOT NULL,
  link_id        text NOT NULL,
  position       smallint NOT NULL,
  application_id text NOT NULL,
  CONSTRAINT invitation_link_applications_pkey PRIMARY KEY (tenant_id, link_id, application_id),
  CONSTRAINT invitation_link_applications_link_exists FOREIGN KEY (tenant_id, link_id) REFERENCES invitation_links,
  CONSTRAINT invitation_link_applications_application_exists FOREIGN KEY (tenant_id, application_id) REFERENCES applications
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['invitation_links', 'invitation_link_assignments', 'invitation_link_applications'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO tessera_api', name);
  END LOOP;
END $$;
GRANT UPDATE (revoked_at, revoke_reason) ON invitation_links TO tessera_api;

-- By which link an invitation came about, and that it says nothing of a person any more.
ALTER TABLE user_invitations
  ADD COLUMN link_id text,
  ADD COLUMN email_sha256 bytea, -- keyed: of whoever was erased, for counts
  ADD COLUMN erased_at timestamptz;
CREATE INDEX user_invitations_of_a_link ON user_invitations (tenant_id, link_id) WHERE link_id IS NOT NULL;

-- Behind row-level security nobody sees other tenants: this says whose token it is, and no more.
CREATE FUNCTION tenant_of_invitation_link(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM invitation_links WHERE token_sha256 = wanted
$$;
GRANT EXECUTE ON FUNCTION tenant_of_invitation_link(bytea) TO tessera_api;

-- Activities are only added, but for what they say of somebody who is erased. Nobody but the functions below may update
-- them at all.
CREATE OR REPLACE FUNCTION invitation_activities_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('app.erasing', true) = 'yes' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'activities are only added' USING ERRCODE = 'insufficient_privilege';
END $$;

-- In place of `email_person` of whoever was erased: what they were sent still counts (W-33). Keyed, so that nobody who
-- reads the database can try addresses.
CREATE FUNCTION erased_person(person text, pepper bytea) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(pepper || convert_to(person, 'UTF8')), 'hex')
$$;
GRANT EXECUTE ON FUNCTION erased_person(text, bytea) TO tessera_api;

-- Forgets who was invited by these, in the tables of invitations and of what was sent. Status and counts stay.
CREATE FUNCTION forget_invitees(tenant uuid, invitations text[], pepper bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('app.erasing', 'yes', true);
  UPDATE invitation_activities a SET metadata = a.metadata - 'reason', network = '', browser = ''
  WHERE a.tenant_id = tenant AND a.invitation_id = ANY (invitations);
  PERFORM set_config('app.erasing', '', true);
  UPDATE notifications n SET recipient = 'erased', variables = '{}',
    status = CASE WHEN n.status IN ('queued', 'claimed') THEN 'skipped' ELSE n.status END
  WHERE n.tenant_id = tenant AND n.ref_type = 'invitation' AND n.ref_id = ANY (invitations) AND n.user_id IS NULL;
  UPDATE notifications n SET variables = '{}' -- those to who invited
  WHERE n.tenant_id = tenant AND n.ref_type = 'invitation' AND n.ref_id = ANY (invitations) AND n.user_id IS NOT NULL;
  UPDATE invitation_assignments a SET email_canonical = ''
  WHERE a.tenant_id = tenant AND a.invitation_id = ANY (invitations) AND NOT a.open;
  UPDATE user_invitations i SET email_sha256 = sha256(pepper || convert_to(i.email_canonical, 'UTF8')),
    email_person = erased_person(i.email_person, pepper),
    email = '', email_key = '', email_canonical = '', phone = '', first_name = '', last_name = '',
    message = '', status_reason = '', viewed_from = '', erased_at = clock_timestamp(), version = i.version + 1
  WHERE i.tenant_id = tenant AND i.invitation_id = ANY (invitations) AND i.erased_at IS NULL;
END $$;

-- The same at once for one address of the tenant of this transaction, once nothing of it is open any more; how many.
CREATE FUNCTION erase_invitee(tenant uuid, canonical text, pepper bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  theirs text[];
BEGIN
  IF tenant IS DISTINCT FROM current_tenant() THEN
    RAISE EXCEPTION 'not the tenant of the transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT coalesce(array_agg(i.invitation_id), '{}') INTO theirs FROM user_invitations i
  WHERE i.tenant_id = tenant AND i.email_canonical = canonical AND i.status NOT IN ('pending', 'pending_approval');
  INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type)
  SELECT tenant, x, 'erased' FROM unnest(theirs) AS x;
  PERFORM forget_invitees(tenant, theirs, pepper);
  UPDATE notifications n SET recipient = 'erased', variables = '{}',
    status = CASE WHEN n.status IN ('queued', 'claimed') THEN 'skipped' ELSE n.status END
  WHERE n.tenant_id = tenant AND lower(n.recipient) = canonical AND n.user_id IS NULL;
  UPDATE suppressions s SET recipient_masked = ''
  WHERE s.tenant_id = tenant AND s.channel = 'email' AND s.recipient_sha256 = sha256(convert_to(canonical, 'UTF8'));
  RETURN cardinality(theirs);
END $$;
GRANT EXECUTE ON FUNCTION erase_invitee(uuid, text, bytea) TO tessera_api;

-- What ended more than so many days ago, of all tenants, the oldest first; how many.
CREATE INDEX user_invitations_to_forget ON user_invitations (expires_at)
  WHERE erased_at IS NULL AND status NOT IN ('pending', 'pending_approval');
CREATE FUNCTION forget_old_invitees(days bigint, most bigint, pepper bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one record;
  forgotten bigint := 0;
BEGIN
  FOR one IN
    SELECT due.tenant_id, array_agg(due.invitation_id) AS ids, count(*) AS many FROM (
      SELECT i.tenant_id, i.invitation_id FROM user_invitations i
      WHERE i.erased_at IS NULL AND i.status NOT IN ('pending', 'pending_approval')
        AND i.expires_at < now() - make_interval(days => days::int)
        AND coalesce(i.accepted_at, i.expires_at) < now() - make_interval(days => days::int)
      ORDER BY i.expires_at LIMIT most FOR UPDATE SKIP LOCKED
    ) due GROUP BY due.tenant_id
  LOOP
    INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type)
    SELECT one.tenant_id, x, 'erased' FROM unnest(one.ids) AS x;
    PERFORM forget_invitees(one.tenant_id, one.ids, pepper);
    forgotten := forgotten + one.many;
  END LOOP;
  RETURN forgotten;
END $$;
GRANT EXECUTE ON FUNCTION forget_old_invitees(bigint, bigint, bytea) TO tessera_writer;

-- Reminders, where whoever invites wants them: at half of its life and a day before its end, with the tokens that were
-- sent. And what inviters are told of invitations that are over: one mail for all of an hour.
ALTER TABLE user_invitations
  ADD COLUMN remind boolean NOT NULL DEFAULT false,
  ADD COLUMN reminders smallint NOT NULL DEFAULT 0,   -- that are sent or left out
  ADD COLUMN expiry_told boolean NOT NULL DEFAULT false;
UPDATE user_invitations SET expiry_told = true WHERE status = 'expired';
CREATE INDEX user_invitations_to_remind ON user_invitations (expires_at) WHERE status = 'pending' AND remind AND reminders < 2;
CREATE INDEX user_invitations_to_tell ON user_invitations (tenant_id, invited_by) WHERE status = 'expired' AND NOT expiry_told;

-- Reminds those whose time it is, of all tenants; how many. A reminder whose time passed before the next one's is left out.
CREATE FUNCTION remind_invitees(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  reminded bigint;
BEGIN
  WITH due AS (
    SELECT i.tenant_id, i.invitation_id,
      CASE WHEN now() >= i.expires_at - interval '1 day' THEN 2 ELSE 1 END AS number
    FROM user_invitations i
    WHERE i.status = 'pending' AND i.remind AND i.reminders < 2 AND i.sends AND i.expires_at > now()
      AND i.expires_at - coalesce(i.last_sent_at, i.created_at) > interval '2 days'
      AND (now() >= i.expires_at - interval '1 day' OR (i.reminders = 0
        AND now() >= i.expires_at - (i.expires_at - coalesce(i.last_sent_at, i.created_at)) / 2))
    ORDER BY i.expires_at LIMIT most FOR UPDATE SKIP LOCKED
  ), noted AS (
    UPDATE user_invitations i SET reminders = due.number
    FROM due WHERE i.tenant_id = due.tenant_id AND i.invitation_id = due.invitation_id
    RETURNING i.tenant_id, i.invitation_id, i.generation
  ), activity AS (
    INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type)
    SELECT n.tenant_id, n.invitation_id, 'reminder_sent' FROM noted n
  ), told AS (
    INSERT INTO outbox (outbox_id, tenant_id, kind, payload)
    SELECT gen_random_uuid(), n.tenant_id, 'invitation.reminded',
           jsonb_build_object('invitationId', n.invitation_id, 'channel', 'email', 'generation', n.generation) FROM noted n
  )
  SELECT count(*) INTO reminded FROM noted;
  RETURN reminded;
END $$;

-- Tells inviters of theirs that are over, once the first of them is for an hour; how many inviters.
CREATE FUNCTION tell_of_expired_invitations(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  inviters bigint;
BEGIN
  WITH ripe AS (
    SELECT i.tenant_id, i.invited_by FROM user_invitations i
    WHERE i.status = 'expired' AND NOT i.expiry_told AND i.inviter_kind = 2
    GROUP BY i.tenant_id, i.invited_by HAVING min(i.expires_at) <= now() - interval '1 hour' LIMIT most
  ), theirs AS (
    UPDATE user_invitations i SET expiry_told = true FROM ripe
    WHERE i.tenant_id = ripe.tenant_id AND i.invited_by = ripe.invited_by AND i.inviter_kind = 2
      AND i.status = 'expired' AND NOT i.expiry_told
    RETURNING i.tenant_id, i.invited_by
  ), told AS (
    INSERT INTO outbox (outbox_id, tenant_id, kind, payload)
    SELECT gen_random_uuid(), t.tenant_id, 'invitation.expired_digest',
           jsonb_build_object('userId', t.invited_by, 'count', count(*)) FROM theirs t GROUP BY t.tenant_id, t.invited_by
    RETURNING 1
  )
  SELECT count(*) INTO inviters FROM told;
  RETURN inviters;
END $$;
GRANT EXECUTE ON FUNCTION remind_invitees(bigint), tell_of_expired_invitations(bigint) TO tessera_writer;
