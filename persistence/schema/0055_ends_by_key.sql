-- As before (0037), but the rows that are locked already are changed by their key alone: asked once more whether they are
-- due, PostgreSQL looks through all that are for each of them where it does not know how many there are. Nor does it where
-- it has planned while there were none, and keeps that plan: so it is planned anew each time.
CREATE OR REPLACE FUNCTION expire_invitations(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  recorded bigint;
BEGIN
  WITH due AS MATERIALIZED (
    SELECT i.tenant_id, i.invitation_id FROM user_invitations i
    WHERE i.status = 'pending' AND i.expires_at <= now()
    ORDER BY i.expires_at LIMIT most FOR UPDATE SKIP LOCKED
  ), over AS (
    UPDATE user_invitations i SET status = 'expired', version = i.version + 1
    FROM due WHERE i.tenant_id = due.tenant_id AND i.invitation_id = due.invitation_id
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
