-- Where a tenant wants to hear of events by HTTP (docs/decisions/0053-outgoing-webhooks.md). The secret that deliveries are
-- signed with is derived from the node's, the endpoint's id and the generation: it is not here.
CREATE TABLE webhook_endpoints (
  tenant_id         uuid NOT NULL REFERENCES tenants,
  endpoint_id       text NOT NULL,
  url               text NOT NULL,
  events            text[] NOT NULL,
  description       text NOT NULL DEFAULT '',
  status            text NOT NULL DEFAULT 'active' CONSTRAINT webhook_endpoints_status_is_known CHECK (
    status IN ('active', 'disabled')),
  secret_generation integer NOT NULL DEFAULT 1,
  rotated_at        timestamptz, -- for a day the secret before signs as well
  version           bigint NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (tenant_id, endpoint_id)
);
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON webhook_endpoints TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
CREATE POLICY node ON webhook_endpoints FOR SELECT TO tessera_writer USING (true);
GRANT SELECT ON webhook_endpoints TO tessera_api, tessera_writer;
GRANT INSERT, DELETE ON webhook_endpoints TO tessera_api;
GRANT UPDATE (url, events, description, status, secret_generation, rotated_at, version) ON webhook_endpoints TO tessera_api;

ALTER TABLE notifications ADD COLUMN http_status integer; -- that a webhook's endpoint answered with
-- What of an endpoint waits, account by account: nothing of an account is sent before what happened earlier.
CREATE INDEX notifications_of_an_endpoint ON notifications (recipient, account_id, position)
  WHERE channel = 'webhook' AND status IN ('queued', 'claimed');
CREATE INDEX notifications_deliveries ON notifications (tenant_id, recipient, position) WHERE channel = 'webhook';

-- What became of an invitation's message is part of the invitation: its state of delivery, and an activity.
CREATE FUNCTION notification_tells_invitation() RETURNS trigger
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
    last_sent_at = CASE WHEN state = 'sent' THEN clock_timestamp() ELSE last_sent_at END
  WHERE tenant_id = NEW.tenant_id AND invitation_id = NEW.ref_id AND generation = NEW.ref_generation;
  IF FOUND AND state <> 'queued' THEN
    INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, metadata)
    VALUES (NEW.tenant_id, NEW.ref_id, CASE state WHEN 'failed' THEN 'send_failed' ELSE state END,
            jsonb_build_object('channel', NEW.channel, 'attempts', NEW.attempts));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER notification_tells_invitation AFTER INSERT OR UPDATE OF status ON notifications
  FOR EACH ROW WHEN (NEW.ref_type = 'invitation' AND NEW.user_id IS NULL) EXECUTE FUNCTION notification_tells_invitation();
