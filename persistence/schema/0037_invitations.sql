-- Invitations (docs/decisions/0054-who-may-invite.md, 0055-tokens-and-accepting.md): who is invited to what, by which
-- tokens, and what happened. No token and no link is at rest: a token is derived when it is sent, and its SHA-256 kept.

-- Columns that the brief names keep their names.
CREATE TABLE user_invitations (
  tenant_id       uuid NOT NULL REFERENCES tenants,
  invitation_id   text NOT NULL,
  invited_by      text NOT NULL,     -- no foreign key: history outlives whoever made it
  inviter_kind    smallint NOT NULL, -- of a principal
  inviter_application text NOT NULL DEFAULT '',
  email           text NOT NULL,     -- as it was given
  email_key       text NOT NULL,     -- as users have it
  email_canonical text NOT NULL,     -- lower case: who is one person
  email_person    text NOT NULL,     -- without tags and dots: for limits
  phone           text NOT NULL DEFAULT '',
  first_name      text NOT NULL DEFAULT '',
  last_name       text NOT NULL DEFAULT '',
  role            smallint NOT NULL CONSTRAINT user_invitations_role_is_known CHECK (role BETWEEN 1 AND 4),
  status          text NOT NULL DEFAULT 'pending'
    CONSTRAINT user_invitations_status_is_known CHECK (status IN ('pending', 'expired', 'accepted', 'declined', 'cancelled')),
  status_reason   text NOT NULL DEFAULT '',
  locale          text NOT NULL DEFAULT '',
  message         text NOT NULL DEFAULT '',
  sends           boolean NOT NULL DEFAULT true,
  email_delivery  text NOT NULL DEFAULT 'none',
  sms_delivery    text NOT NULL DEFAULT 'none',
  expiry_hours    bigint NOT NULL,
  expires_at      timestamptz NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  accepted_at     timestamptz,
  accepted_user_id text,
  accepted_channel text,
  first_viewed_at timestamptz,
  viewed_from     text NOT NULL DEFAULT '', -- the network of the first look
  last_sent_at    timestamptz,
  failed_at       timestamptz,
  resend_count    bigint NOT NULL DEFAULT 0,
  generation      bigint NOT NULL DEFAULT 1, -- of its tokens
  grant_version   bigint NOT NULL DEFAULT 1,
  version         bigint NOT NULL DEFAULT 1,
  CONSTRAINT user_invitations_pkey PRIMARY KEY (tenant_id, invitation_id),
  CONSTRAINT user_invitations_accepted_once CHECK ((status = 'accepted') = (accepted_at IS NOT NULL))
);
CREATE INDEX user_invitations_due ON user_invitations (expires_at) WHERE status = 'pending';
CREATE INDEX user_invitations_of_a_person ON user_invitations (tenant_id, email_canonical);
CREATE INDEX user_invitations_of_an_inviter ON user_invitations (tenant_id, invited_by, created_at);
CREATE INDEX user_invitations_by_time ON user_invitations (tenant_id, created_at);
CREATE INDEX user_invitations_pending ON user_invitations (tenant_id) WHERE status = 'pending';

CREATE INDEX user_invitations_to_an_address ON user_invitations (email_person, created_at);

CREATE TABLE invitation_assignments (
  tenant_id       uuid NOT NULL,
  invitation_id   text NOT NULL,
  position        smallint NOT NULL, -- in the order of the inviter
  account_id      uuid NOT NULL,
  entity_role     smallint NOT NULL CONSTRAINT invitation_assignments_role_is_known CHECK (entity_role BETWEEN 1 AND 2),
  email_canonical text NOT NULL,
  open            boolean NOT NULL DEFAULT true, -- while the invitation is pending
  CONSTRAINT invitation_assignments_pkey PRIMARY KEY (tenant_id, invitation_id, position),
  CONSTRAINT invitation_assignments_invitation_exists FOREIGN KEY (tenant_id, invitation_id) REFERENCES user_invitations,
  CONSTRAINT invitation_assignments_entity_exists FOREIGN KEY (tenant_id, account_id) REFERENCES entities (tenant_id, account_id)
);
-- One person is invited to one entity once at a time.
CREATE UNIQUE INDEX invitation_assignments_open ON invitation_assignments (tenant_id, email_canonical, account_id) WHERE open;
CREATE INDEX invitation_assignments_of_an_entity ON invitation_assignments (account_id);

CREATE TABLE invitation_applications (
  tenant_id      uuid NOT NULL,
  invitation_id  text NOT NULL,
  position       smallint NOT NULL,
  application_id text NOT NULL,
  CONSTRAINT invitation_applications_pkey PRIMARY KEY (tenant_id, invitation_id, application_id),
  CONSTRAINT invitation_applications_invitation_exists FOREIGN KEY (tenant_id, invitation_id) REFERENCES user_invitations,
  CONSTRAINT invitation_applications_application_exists FOREIGN KEY (tenant_id, application_id) REFERENCES applications
);

CREATE TABLE invitation_tokens (
  token_sha256  bytea PRIMARY KEY CONSTRAINT invitation_tokens_are_hashed CHECK (octet_length(token_sha256) = 32),
  tenant_id     uuid NOT NULL,
  invitation_id text NOT NULL,
  channel       text NOT NULL CONSTRAINT invitation_tokens_channel_is_known CHECK (channel IN ('email', 'sms', 'direct_link')),
  generation    bigint NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  viewed_at     timestamptz,
  used_at       timestamptz,
  revoked_at    timestamptz,
  CONSTRAINT invitation_tokens_one_of_a_channel UNIQUE (tenant_id, invitation_id, generation, channel),
  CONSTRAINT invitation_tokens_invitation_exists FOREIGN KEY (tenant_id, invitation_id) REFERENCES user_invitations
);

-- Only ever added to.
CREATE TABLE invitation_activities (
  activity_id   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  sequence      bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id     uuid NOT NULL,
  invitation_id text NOT NULL,
  activity_type text NOT NULL,
  metadata      jsonb NOT NULL DEFAULT '{}',
  actor_type    text NOT NULL DEFAULT 'system',
  actor_id      text NOT NULL DEFAULT '',
  network       text NOT NULL DEFAULT '', -- the address, truncated
  browser       text NOT NULL DEFAULT '',
  request_id    text NOT NULL DEFAULT '',
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT invitation_activities_invitation_exists FOREIGN KEY (tenant_id, invitation_id) REFERENCES user_invitations
);
CREATE INDEX invitation_activities_of_an_invitation ON invitation_activities (tenant_id, invitation_id, sequence);
CREATE FUNCTION invitation_activities_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'activities are only added' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER invitation_activities_stay BEFORE UPDATE OR DELETE ON invitation_activities
  FOR EACH ROW EXECUTE FUNCTION invitation_activities_stay();

CREATE TABLE terms_acceptances (
  tenant_id     uuid NOT NULL,
  user_id       text NOT NULL,
  version       text NOT NULL,
  accepted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  network       text NOT NULL DEFAULT '',
  browser       text NOT NULL DEFAULT '',
  invitation_id text,
  CONSTRAINT terms_acceptances_pkey PRIMARY KEY (tenant_id, user_id, version),
  CONSTRAINT terms_acceptances_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);

-- Two addresses that differ in case are one person's.
CREATE INDEX users_of_a_person ON users (tenant_id, lower(email_key));

-- What is pending keeps its entities for the person; whoever is sent one again takes them anew, or meets the constraint.
CREATE FUNCTION invitation_status_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE invitation_assignments a SET open = NEW.status = 'pending'
  WHERE a.tenant_id = NEW.tenant_id AND a.invitation_id = NEW.invitation_id AND a.open <> (NEW.status = 'pending');
  RETURN NULL;
END $$;
CREATE TRIGGER invitation_status_changed AFTER UPDATE OF status ON user_invitations
  FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION invitation_status_changed();

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['user_invitations', 'invitation_assignments', 'invitation_applications', 'invitation_tokens',
                              'invitation_activities', 'terms_acceptances'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I FOR SELECT TO tessera_writer USING (true)', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO tessera_api', name);
    EXECUTE format('GRANT SELECT ON %I TO tessera_writer', name);
  END LOOP;
END $$;
GRANT UPDATE ON user_invitations, invitation_assignments, invitation_tokens TO tessera_api;
GRANT DELETE ON invitation_assignments, invitation_applications TO tessera_api;

-- Behind row-level security nobody sees other tenants: this says whose token it is, and no more.
CREATE FUNCTION tenant_of_invitation_token(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM invitation_tokens WHERE token_sha256 = wanted
$$;

-- How often somebody was invited within a day, by anybody: how many bother one person is not the affair of one tenant (W-33).
CREATE FUNCTION invitations_to_person(person text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM user_invitations i
  WHERE i.email_person = person AND i.created_at > clock_timestamp() - interval '1 day'
$$;

-- What others are told, in the transaction of what happened. A channel is one that a message goes out by, or `none`.
CREATE FUNCTION tell_of_invitation(tenant uuid, invitation text, told text, channels text[], generation_now bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF tenant IS DISTINCT FROM current_tenant() THEN
    RAISE EXCEPTION 'not the tenant of the transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO outbox (outbox_id, tenant_id, kind, payload)
  SELECT gen_random_uuid(), tenant, told,
         jsonb_build_object('invitationId', invitation, 'channel', c, 'generation', generation_now)
  FROM unnest(channels) AS c;
END $$;

-- Records that invitations are over, of all tenants, the longest due first; how many. What two nodes do at once they do
-- once: the row is skipped by whoever comes second. By the transaction's own beginning, which an index can be asked with.
CREATE FUNCTION expire_invitations(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  recorded bigint;
BEGIN
  WITH due AS (
    SELECT i.tenant_id, i.invitation_id FROM user_invitations i
    WHERE i.status = 'pending' AND i.expires_at <= now()
    ORDER BY i.expires_at LIMIT most FOR UPDATE SKIP LOCKED
  ), over AS (
    UPDATE user_invitations i SET status = 'expired', version = i.version + 1
    FROM due WHERE i.tenant_id = due.tenant_id AND i.invitation_id = due.invitation_id
      AND i.status = 'pending' AND i.expires_at <= now()
    RETURNING i.tenant_id, i.invitation_id, i.generation
  ), noted AS (
    INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, metadata)
    SELECT o.tenant_id, o.invitation_id, 'expired', jsonb_build_object('generation', o.generation) FROM over o
  ), told AS (
    INSERT INTO outbox (outbox_id, tenant_id, kind, payload)
    SELECT gen_random_uuid(), o.tenant_id, 'invitation.expired',
           jsonb_build_object('invitationId', o.invitation_id, 'channel', 'none', 'generation', o.generation) FROM over o
  )
  SELECT count(*) INTO recorded FROM over;
  RETURN recorded;
END $$;

GRANT EXECUTE ON FUNCTION tenant_of_invitation_token(bytea), invitations_to_person(text), tell_of_invitation(uuid, text, text, text[], bigint)
  TO tessera_api;
GRANT EXECUTE ON FUNCTION expire_invitations(bigint) TO tessera_writer;
