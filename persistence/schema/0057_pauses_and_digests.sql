-- An endpoint that fails or is slow is left alone for a growing time (docs/decisions/0053-outgoing-webhooks.md): so many
-- answers in a row were none or came late, and until when nothing is sent there. No row: all is well.
CREATE TABLE webhook_endpoint_pauses (
  endpoint_id  text PRIMARY KEY,
  tenant_id    uuid NOT NULL,
  troubles     integer NOT NULL CONSTRAINT webhook_endpoint_pauses_has_troubles CHECK (troubles > 0),
  paused_until timestamptz NOT NULL,
  CONSTRAINT webhook_endpoint_pauses_of_an_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints
    ON DELETE CASCADE
);
ALTER TABLE webhook_endpoint_pauses ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON webhook_endpoint_pauses TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON webhook_endpoint_pauses TO tessera_writer USING (true) WITH CHECK (true);
GRANT SELECT, DELETE ON webhook_endpoint_pauses TO tessera_api, tessera_writer;
GRANT INSERT, UPDATE ON webhook_endpoint_pauses TO tessera_writer;

-- What was asked for again is tried for as long as what happens then (0056).
CREATE INDEX notifications_waiting_longest ON notifications (recipient, (coalesce(requeued_at, created_at)))
  WHERE channel = 'webhook' AND status = 'queued';

-- The columns are there (0056): an index that takes its time keeps nobody from reading.
CREATE INDEX user_invitations_undelivered ON user_invitations (tenant_id, invited_by, undelivered_at)
  WHERE undelivered_at IS NOT NULL;

-- As before (0036); and that it failed for good is kept, for those who invited.
CREATE OR REPLACE FUNCTION notification_tells_invitation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  state text := CASE NEW.status
    WHEN 'queued' THEN 'queued' WHEN 'sent' THEN 'sent' WHEN 'delivered' THEN 'delivered' WHEN 'suppressed' THEN 'suppressed'
    WHEN 'dead' THEN CASE WHEN NEW.last_error_class = 'permanent_recipient' THEN 'bounced' ELSE 'failed' END END;
BEGIN
  IF state IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE user_invitations SET
    email_delivery = CASE WHEN NEW.channel = 'email' THEN state ELSE email_delivery END,
    sms_delivery = CASE WHEN NEW.channel = 'sms' THEN state ELSE sms_delivery END,
    last_sent_at = CASE WHEN state = 'sent' THEN clock_timestamp() ELSE last_sent_at END,
    -- By whichever channel it arrived, it did.
    undelivered_at = CASE WHEN CASE WHEN NEW.channel = 'email' THEN state ELSE email_delivery END IN ('sent', 'delivered')
                            OR CASE WHEN NEW.channel = 'sms' THEN state ELSE sms_delivery END IN ('sent', 'delivered') THEN NULL
                          WHEN state IN ('bounced', 'failed') THEN coalesce(undelivered_at, clock_timestamp())
                          ELSE undelivered_at END
  WHERE tenant_id = NEW.tenant_id AND invitation_id = NEW.ref_id AND generation = NEW.ref_generation;
  IF FOUND AND state <> 'queued' THEN
    INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, metadata)
    VALUES (NEW.tenant_id, NEW.ref_id, CASE state WHEN 'failed' THEN 'send_failed' ELSE state END,
            jsonb_build_object('channel', NEW.channel, 'attempts', NEW.attempts));
  END IF;
  RETURN NULL;
END $$;

-- Tells inviters how many of theirs did not arrive, once the first of them is an hour ago; how many inviters. Those that
-- are not pending any more need nobody.
CREATE FUNCTION tell_of_undelivered_invitations(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  inviters bigint;
BEGIN
  WITH ripe AS (
    SELECT i.tenant_id, i.invited_by FROM user_invitations i WHERE i.undelivered_at IS NOT NULL
    GROUP BY i.tenant_id, i.invited_by HAVING min(i.undelivered_at) <= now() - interval '1 hour' LIMIT most
  ), theirs AS (
    UPDATE user_invitations i SET undelivered_at = NULL FROM ripe
    WHERE i.tenant_id = ripe.tenant_id AND i.invited_by = ripe.invited_by AND i.undelivered_at IS NOT NULL
    RETURNING i.tenant_id, i.invited_by, i.inviter_kind = 2 AND i.status = 'pending' AS is_news
  ), told AS (
    INSERT INTO outbox (outbox_id, tenant_id, kind, payload)
    SELECT gen_random_uuid(), t.tenant_id, 'invitation.undelivered_digest',
           jsonb_build_object('userId', t.invited_by, 'count', count(*))
    FROM theirs t WHERE t.is_news GROUP BY t.tenant_id, t.invited_by
    RETURNING 1
  )
  SELECT count(*) INTO inviters FROM told;
  RETURN inviters;
END $$;
GRANT EXECUTE ON FUNCTION tell_of_undelivered_invitations(bigint) TO tessera_writer;
