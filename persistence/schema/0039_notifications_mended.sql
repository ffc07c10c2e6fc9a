-- Whoever has SQL as tessera_api can say that somebody has forgotten a password, and nothing else: events of other
-- kinds are told by the journal and by what changes invitations.
CREATE FUNCTION tell_password_forgotten(email_key text, tenant text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (outbox_id, tenant_id, kind, payload)
  VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'auth.password_forgotten',
          jsonb_build_object('emailKey', email_key, 'tenant', tenant))
$$;
GRANT EXECUTE ON FUNCTION tell_password_forgotten(text, text) TO tessera_api;
DROP FUNCTION outbox_tell(text, jsonb);

-- What of an endpoint is due first is found without reading what waits behind it; and what is under way, without
-- reading what waits.
CREATE INDEX notifications_first_of_an_endpoint ON notifications (recipient, next_attempt_at, position)
  WHERE channel = 'webhook' AND status IN ('queued', 'claimed');
CREATE INDEX notifications_under_way ON notifications (tenant_id, recipient)
  WHERE channel = 'webhook' AND status = 'claimed';
CREATE INDEX notifications_put_off ON notifications (next_attempt_at)
  WHERE channel = 'webhook' AND status = 'queued';
