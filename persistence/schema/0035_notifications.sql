-- Notifications (docs/decisions/0050-notifications.md): events become messages to people and systems. An event is turned
-- into its notifications once; each is claimed, looked at again and handed over until it is sent or given up.
ALTER TABLE outbox ADD COLUMN expanded_at timestamptz;
UPDATE outbox SET expanded_at = clock_timestamp(); -- what happened before there were notifications is no news
CREATE INDEX outbox_waiting ON outbox (created_at, outbox_id) WHERE expanded_at IS NULL;

CREATE TABLE notifications (
  notification_id  uuid PRIMARY KEY,
  tenant_id        uuid NOT NULL REFERENCES tenants,
  position         bigint GENERATED ALWAYS AS IDENTITY, -- the order in which they were made
  outbox_id        uuid NOT NULL,                       -- the event
  kind             text NOT NULL,
  channel          text NOT NULL CONSTRAINT notifications_channel_is_known CHECK (channel IN ('email', 'sms', 'webhook')),
  recipient        text NOT NULL,            -- an address; of a webhook its endpoint
  user_id          text,                     -- whose address it is
  template         text NOT NULL DEFAULT '',
  locale           text NOT NULL DEFAULT '',
  variables        jsonb NOT NULL DEFAULT '{}', -- never a secret: what is secret is derived when it is sent
  ref_type         text NOT NULL DEFAULT '',
  ref_id           text NOT NULL DEFAULT '',
  ref_generation   bigint NOT NULL DEFAULT 0,
  account_id       uuid,                     -- of the entity, and its entry: what webhooks are ordered by
  account_seq      bigint,
  priority         smallint NOT NULL DEFAULT 5, -- lower goes first
  status           text NOT NULL DEFAULT 'queued' CONSTRAINT notifications_status_is_known CHECK (
    status IN ('queued', 'claimed', 'sent', 'delivered', 'skipped', 'suppressed', 'dead')),
  attempts         integer NOT NULL DEFAULT 0,
  next_attempt_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  claim            bigint NOT NULL DEFAULT 0, -- rises with each claim: whoever has an older one can't report any more
  claimed_by       text,                      -- the node's name
  claimed_until    timestamptz,
  provider         text,
  provider_message_id text,
  last_error_class text CONSTRAINT notifications_error_class_is_known CHECK (
    last_error_class IN ('transient', 'ambiguous', 'permanent_recipient', 'permanent_config')),
  last_error       text,
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at          timestamptz,
  CONSTRAINT notifications_once UNIQUE (outbox_id, channel, recipient)
);
CREATE INDEX notifications_due ON notifications (channel, priority, next_attempt_at)
  WHERE status IN ('queued', 'claimed');
CREATE INDEX notifications_of_a_tenant ON notifications (tenant_id, position);

-- Where nothing is sent any more. Of the address the hash is enough.
CREATE TABLE suppressions (
  suppression_id   uuid PRIMARY KEY,
  tenant_id        uuid NOT NULL REFERENCES tenants,
  channel          text NOT NULL CONSTRAINT suppressions_channel_is_known CHECK (channel IN ('email', 'sms')),
  recipient_sha256 bytea NOT NULL CONSTRAINT suppressions_are_hashed CHECK (octet_length(recipient_sha256) = 32),
  recipient_masked text NOT NULL,
  reason           text NOT NULL CONSTRAINT suppressions_reason_is_known CHECK (
    reason IN ('bounce', 'complaint', 'optout', 'manual')),
  until            timestamptz, -- null: for good
  created_by       text NOT NULL DEFAULT '',
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT suppressions_one_each UNIQUE (tenant_id, channel, recipient_sha256)
);

-- A tenant's own wording of what we say by default. Versions stay as they are; the last one counts.
CREATE TABLE notification_templates (
  tenant_id    uuid NOT NULL REFERENCES tenants,
  template_key text NOT NULL,
  channel      text NOT NULL CONSTRAINT notification_templates_channel_is_known CHECK (channel IN ('email', 'sms')),
  locale       text NOT NULL,
  version      integer NOT NULL,
  subject      text NOT NULL DEFAULT '',
  html         text NOT NULL DEFAULT '',
  body         text NOT NULL,
  created_by   text NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT notification_templates_pkey PRIMARY KEY (tenant_id, template_key, channel, locale, version)
);

-- What was mailed to somebody to prove that they have the address. The token itself is derived when it is sent.
CREATE TABLE account_tokens (
  token_id     uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL,
  user_id      text NOT NULL,
  purpose      text NOT NULL CONSTRAINT account_tokens_purpose_is_known CHECK (purpose IN ('password_reset', 'verify_email')),
  email_key    text NOT NULL, -- it proves this address and no later one
  token_sha256 bytea NOT NULL CONSTRAINT account_tokens_are_unique UNIQUE
    CONSTRAINT account_tokens_are_hashed CHECK (octet_length(token_sha256) = 32),
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  CONSTRAINT account_tokens_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX account_tokens_of_a_user ON account_tokens (tenant_id, user_id, purpose, created_at);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['notifications', 'suppressions', 'notification_templates', 'account_tokens'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I TO tessera_writer USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT ON %I TO tessera_api, tessera_writer', name);
  END LOOP;
END $$;
-- The node makes notifications of events of every tenant and says what became of them.
CREATE POLICY node_expands ON outbox FOR UPDATE TO tessera_writer USING (true) WITH CHECK (true);
GRANT SELECT ON outbox TO tessera_writer, tessera_api;
GRANT UPDATE (expanded_at, payload) ON outbox TO tessera_writer;
GRANT INSERT, UPDATE ON notifications TO tessera_writer;
GRANT INSERT ON suppressions, account_tokens TO tessera_writer;
-- Those who administer a tenant send again, suppress and word.
GRANT UPDATE (status, attempts, next_attempt_at, last_error_class, last_error) ON notifications TO tessera_api;
GRANT INSERT, DELETE ON suppressions TO tessera_api;
GRANT INSERT ON notification_templates TO tessera_api;
GRANT UPDATE (used_at) ON account_tokens TO tessera_api;

-- An event of the tenant of this transaction. Nil where nobody knows yet whose it is.
CREATE FUNCTION outbox_tell(event text, details jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox (outbox_id, tenant_id, kind, payload) VALUES (gen_random_uuid(), current_tenant(), event, details)
$$;
-- Behind row-level security nobody sees other tenants: this says whose token it is, and no more.
CREATE FUNCTION tenant_of_account_token(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM account_tokens WHERE token_sha256 = wanted
$$;
GRANT EXECUTE ON FUNCTION outbox_tell(text, jsonb), tenant_of_account_token(bytea) TO tessera_api;
GRANT EXECUTE ON FUNCTION tenants_of_email(text, text) TO tessera_writer;
