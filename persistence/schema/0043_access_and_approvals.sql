-- What an invitation gave, so that exactly this can be taken back, and invitations that wait for a second pair of eyes
-- (docs/decisions/0060-taking-access-back.md).

-- Who gave somebody what: an invitation, or '' for whatever they had otherwise. What they have is the highest layer; where
-- it is not, an administrator has decided since, and the layers of that subject count no more.
CREATE TABLE access_layers (
  tenant_id     uuid NOT NULL,
  user_id       text NOT NULL,
  subject       text NOT NULL, -- role, account/ID, application/ID
  invitation_id text NOT NULL,
  level         smallint NOT NULL CONSTRAINT access_layers_level_is_known CHECK (level BETWEEN 1 AND 4),
  CONSTRAINT access_layers_pkey PRIMARY KEY (tenant_id, user_id, subject, invitation_id),
  CONSTRAINT access_layers_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
ALTER TABLE access_layers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON access_layers TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, DELETE ON access_layers TO tessera_api;
GRANT UPDATE (invitation_id) ON user_applications TO tessera_api;

-- Of those who accepted before there were layers: what rows say, and the role where the account was made by accepting.
INSERT INTO access_layers (tenant_id, user_id, subject, invitation_id, level)
SELECT m.tenant_id, m.user_id, 'account/' || m.account_id, m.invitation_id, m.entity_role FROM memberships m
WHERE m.invitation_id IS NOT NULL
UNION ALL
SELECT a.tenant_id, a.user_id, 'application/' || a.application_id, a.invitation_id, 1 FROM user_applications a
WHERE a.invitation_id IS NOT NULL
UNION ALL
SELECT u.tenant_id, u.user_id, 'role', i.invitation_id, u.role FROM users u JOIN user_invitations i
  ON i.tenant_id = u.tenant_id AND i.accepted_user_id = u.user_id AND i.role = u.role
  AND u.created_at BETWEEN i.accepted_at - interval '5 seconds' AND i.accepted_at + interval '5 seconds';

-- What somebody has, as subjects of layers.
CREATE FUNCTION present_access(tenant uuid, who text) RETURNS TABLE (subject text, level smallint)
LANGUAGE sql STABLE AS $$
  SELECT 'role', u.role FROM users u WHERE u.tenant_id = tenant AND u.user_id = who
  UNION ALL
  SELECT 'account/' || m.account_id, m.entity_role FROM memberships m WHERE m.tenant_id = tenant AND m.user_id = who
  UNION ALL
  SELECT 'application/' || a.application_id, 1::smallint FROM user_applications a
  WHERE a.tenant_id = tenant AND a.user_id = who
$$;
GRANT EXECUTE ON FUNCTION present_access(uuid, text) TO tessera_api;

-- Where somebody has something else than the layers say, an administrator has decided since.
CREATE FUNCTION forget_what_was_decided_since(tenant uuid, who text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM access_layers l WHERE l.tenant_id = tenant AND l.user_id = who AND l.subject IN (
    SELECT k.subject FROM (
      SELECT x.subject, max(x.level) AS level FROM access_layers x
      WHERE x.tenant_id = tenant AND x.user_id = who GROUP BY x.subject
    ) k LEFT JOIN present_access(tenant, who) p USING (subject)
    WHERE p.level IS DISTINCT FROM k.level)
$$;
GRANT EXECUTE ON FUNCTION forget_what_was_decided_since(uuid, text) TO tessera_api;

ALTER TABLE user_invitations
  DROP CONSTRAINT user_invitations_status_is_known,
  ADD CONSTRAINT user_invitations_status_is_known
    CHECK (status IN ('pending', 'expired', 'accepted', 'declined', 'cancelled', 'pending_approval')),
  ADD COLUMN approved_by text NOT NULL DEFAULT '',
  ADD COLUMN approved_grant_version bigint NOT NULL DEFAULT 0, -- what was approved: later ones were not
  ADD COLUMN approved_at timestamptz,
  ADD COLUMN access_revoked_at timestamptz;
CREATE INDEX user_invitations_unapproved ON user_invitations (expires_at) WHERE status = 'pending_approval';

-- What waits keeps its entities for the person, too.
CREATE OR REPLACE FUNCTION invitation_status_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE invitation_assignments a SET open = NEW.status IN ('pending', 'pending_approval')
  WHERE a.tenant_id = NEW.tenant_id AND a.invitation_id = NEW.invitation_id
    AND a.open <> (NEW.status IN ('pending', 'pending_approval'));
  RETURN NULL;
END $$;

-- Records that nobody has decided in time, of all tenants; how many.
CREATE FUNCTION expire_unapproved_invitations(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  recorded bigint;
BEGIN
  WITH due AS (
    SELECT i.tenant_id, i.invitation_id FROM user_invitations i
    WHERE i.status = 'pending_approval' AND i.expires_at <= now()
    ORDER BY i.expires_at LIMIT most FOR UPDATE SKIP LOCKED
  ), over AS (
    UPDATE user_invitations i SET status = 'expired', status_reason = 'not_approved', version = i.version + 1
    FROM due WHERE i.tenant_id = due.tenant_id AND i.invitation_id = due.invitation_id
      AND i.status = 'pending_approval' AND i.expires_at <= now()
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
GRANT EXECUTE ON FUNCTION expire_unapproved_invitations(bigint) TO tessera_writer;
