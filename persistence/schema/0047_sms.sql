-- SMS (docs/decisions/0063-sms.md): to whom, how many lately, and what the provider says afterwards.
ALTER TABLE users ADD COLUMN phone text NOT NULL DEFAULT '' -- E.164; empty: they get no SMS
  CONSTRAINT users_phone_is_e164 CHECK (phone = '' OR phone ~ '^\+[1-9][0-9]{6,14}$');

-- How many went to a number, and to numbers that begin alike, within a day.
CREATE INDEX notifications_to_a_number ON notifications (recipient, created_at) WHERE channel = 'sms';
CREATE INDEX notifications_sms_of_a_tenant ON notifications (tenant_id, created_at) WHERE channel = 'sms';
CREATE INDEX notifications_at_the_provider ON notifications (provider_message_id)
  WHERE channel = 'sms' AND provider = 'twilio' AND provider_message_id IS NOT NULL;

-- Whoever answered STOP wants no more from our number, whichever tenant it is for. Of the number the hash is enough.
CREATE TABLE sms_optouts (
  number_sha256 bytea PRIMARY KEY CONSTRAINT sms_optouts_are_hashed CHECK (octet_length(number_sha256) = 32),
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE sms_optouts ENABLE ROW LEVEL SECURITY; -- nobody but the node
CREATE POLICY node ON sms_optouts FOR SELECT TO tessera_writer USING (true);
GRANT SELECT ON sms_optouts TO tessera_writer;

-- The provider signs what it tells and knows no tenants: these three say or do what it may, and no more.
-- Of a message that we sent, by our id or the provider's. Held until the transaction ends.
CREATE FUNCTION sms_that_was_sent(notification uuid, provider_id text)
RETURNS TABLE (id uuid, now_status text, tries integer, is_last boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.notification_id, n.status, n.attempts, n.provider_message_id IS NULL OR n.provider_message_id = provider_id
  FROM notifications n
  WHERE n.channel = 'sms' AND n.attempts > 0
    AND (n.notification_id = notification OR (n.provider = 'twilio' AND n.provider_message_id = provider_id))
  ORDER BY n.notification_id = notification DESC NULLS LAST LIMIT 1 FOR UPDATE
$$;
-- What became of it. Whoever has claimed it meanwhile can't report any more.
CREATE FUNCTION sms_came_to(notification uuid, provider_id text, became text, delay_ms bigint, failure text, detail text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE notifications SET status = became, claim = claim + 1, claimed_by = NULL, claimed_until = NULL,
    provider = 'twilio', provider_message_id = provider_id, last_error_class = nullif(failure, ''),
    last_error = nullif(detail, ''), next_attempt_at = clock_timestamp() + delay_ms * interval '1 millisecond',
    sent_at = CASE WHEN became = 'delivered' THEN coalesce(sent_at, clock_timestamp()) ELSE sent_at END
  WHERE notification_id = notification AND channel = 'sms'
$$;
CREATE FUNCTION sms_reaches_nobody(notification uuid, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, reason)
  SELECT gen_random_uuid(), n.tenant_id, 'sms', sha256(convert_to(n.recipient, 'UTF8')),
    left(n.recipient, 3) || repeat('*', greatest(length(n.recipient) - 5, 0)) || right(n.recipient, 2), why
  FROM notifications n WHERE n.notification_id = notification AND n.channel = 'sms'
  ON CONFLICT ON CONSTRAINT suppressions_one_each DO NOTHING
$$;
-- STOP and START: of all tenants; those who wrote to the number see it among their suppressions.
CREATE FUNCTION sms_number_wishes(number text, masked text, wants_none boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  hash bytea := sha256(convert_to(number, 'UTF8'));
BEGIN
  IF wants_none THEN
    INSERT INTO sms_optouts (number_sha256) VALUES (hash) ON CONFLICT DO NOTHING;
    INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, reason)
    SELECT gen_random_uuid(), t.tenant_id, 'sms', hash, masked, 'optout'
    FROM (SELECT DISTINCT n.tenant_id FROM notifications n WHERE n.channel = 'sms' AND n.recipient = number) AS t
    ON CONFLICT ON CONSTRAINT suppressions_one_each DO UPDATE SET reason = 'optout', until = NULL;
  ELSE
    DELETE FROM sms_optouts o WHERE o.number_sha256 = hash;
    DELETE FROM suppressions s WHERE s.channel = 'sms' AND s.recipient_sha256 = hash AND s.reason = 'optout';
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION sms_that_was_sent(uuid, text), sms_came_to(uuid, text, text, bigint, text, text),
  sms_reaches_nobody(uuid, text), sms_number_wishes(text, text, boolean) TO tessera_api;
