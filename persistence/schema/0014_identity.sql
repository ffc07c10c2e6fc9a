-- People: who they are, what they may do where, and the sessions in which they do it (docs/decisions/0024-who-may.md).
CREATE TABLE users (
  tenant_id         uuid NOT NULL REFERENCES tenants,
  user_id           text NOT NULL,
  email             text NOT NULL, -- as it was given
  email_key         text NOT NULL, -- what is compared: the local part as given, the domain in lower case and ASCII
  first_name        text NOT NULL DEFAULT '',
  last_name         text NOT NULL DEFAULT '',
  role              smallint NOT NULL CONSTRAINT users_role_is_known CHECK (role BETWEEN 1 AND 4),
  status            text NOT NULL DEFAULT 'active' CONSTRAINT users_status_is_known CHECK (status IN ('active', 'disabled')),
  password_hash     text,          -- PHC string; null: no password, they sign in elsewhere or not yet
  timezone          text,
  language          text,
  email_verified_at timestamptz,
  tokens_from       timestamptz NOT NULL DEFAULT clock_timestamp(), -- access tokens issued before are refused
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT users_id_taken PRIMARY KEY (tenant_id, user_id),
  CONSTRAINT users_email_taken UNIQUE (tenant_id, email_key)
);
CREATE INDEX users_of_an_email ON users (email_key); -- signing in without naming the tenant

-- What names an entity of its own tenant refers to this.
ALTER TABLE entities ADD CONSTRAINT entities_of_a_tenant UNIQUE (tenant_id, account_id);

CREATE TABLE memberships (
  tenant_id     uuid NOT NULL,
  user_id       text NOT NULL,
  account_id    uuid NOT NULL,
  entity_role   smallint NOT NULL CONSTRAINT memberships_role_is_known CHECK (entity_role BETWEEN 1 AND 2),
  invitation_id text, -- that granted it
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, user_id, account_id),
  CONSTRAINT memberships_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE,
  CONSTRAINT memberships_entity_exists FOREIGN KEY (tenant_id, account_id) REFERENCES entities (tenant_id, account_id)
);
CREATE INDEX memberships_of_an_entity ON memberships (account_id);

CREATE TABLE user_applications (
  tenant_id      uuid NOT NULL,
  user_id        text NOT NULL,
  application_id text NOT NULL,
  invitation_id  text, -- that granted it
  CONSTRAINT user_applications_pkey PRIMARY KEY (tenant_id, user_id, application_id),
  CONSTRAINT user_applications_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE,
  CONSTRAINT user_applications_application_exists FOREIGN KEY (tenant_id, application_id) REFERENCES applications
);

-- Who a user is at an external issuer.
CREATE TABLE user_identities (
  tenant_id uuid NOT NULL,
  issuer    text NOT NULL,
  subject   text NOT NULL,
  user_id   text NOT NULL,
  CONSTRAINT user_identities_pkey PRIMARY KEY (tenant_id, issuer, subject),
  CONSTRAINT user_identities_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);

-- A session lasts as long as its refresh tokens are renewed; an access token names it.
CREATE TABLE user_sessions (
  session_id uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL,
  user_id    text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz, -- signed out, or a refresh token was used twice
  CONSTRAINT user_sessions_user_exists FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX user_sessions_ended ON user_sessions (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE refresh_tokens (
  token_sha256 bytea PRIMARY KEY CONSTRAINT refresh_tokens_are_hashed CHECK (octet_length(token_sha256) = 32),
  tenant_id    uuid NOT NULL,
  session_id   uuid NOT NULL REFERENCES user_sessions ON DELETE CASCADE,
  issued_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz -- a second use ends the session
);

ALTER TABLE entities ADD COLUMN status text NOT NULL DEFAULT 'active'
  CONSTRAINT entities_status_is_known CHECK (status IN ('active', 'deleted')); -- an id that was used is never used again
ALTER TABLE applications ADD COLUMN deleted_at timestamptz;
ALTER TABLE api_keys ADD COLUMN last_used_at timestamptz;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['users', 'memberships', 'user_applications', 'user_identities', 'user_sessions', 'refresh_tokens'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I FOR SELECT TO tessera_writer USING (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO tessera_api', name);
    EXECUTE format('GRANT SELECT ON %I TO tessera_writer', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['users', 'memberships', 'user_applications'] LOOP
    EXECUTE format('CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON %I '
                   'FOR EACH ROW EXECUTE FUNCTION directory_changed()', name);
  END LOOP;
END $$;
CREATE TRIGGER directory_changed AFTER UPDATE OF ended_at ON user_sessions
  FOR EACH ROW EXECUTE FUNCTION directory_changed();
GRANT UPDATE (name, status) ON entities TO tessera_api;
GRANT UPDATE (name, deleted_at) ON applications TO tessera_api;
GRANT UPDATE (name, timezone, currency, plan, branding, policies) ON tenants TO tessera_api;
GRANT UPDATE (last_used_at) ON api_keys TO tessera_api;
