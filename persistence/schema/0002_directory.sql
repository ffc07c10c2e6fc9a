-- The directory: tenants, the entities below them, their applications and API keys.
CREATE TABLE tenants (
  tenant_id  uuid PRIMARY KEY,
  id         text NOT NULL CONSTRAINT tenants_id_taken UNIQUE,
  name       text NOT NULL,
  timezone   text NOT NULL DEFAULT 'UTC',
  currency   text NOT NULL DEFAULT 'USD' CONSTRAINT tenants_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
  plan       text NOT NULL DEFAULT 'free',
  branding   jsonb NOT NULL DEFAULT '{}',
  policies   jsonb NOT NULL DEFAULT '{}',
  version    bigint NOT NULL DEFAULT 1, -- rises with every change of the tenant's directory
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A tenant, organisation or location. Its account is made with it and never used again.
CREATE TABLE entities (
  account_id     uuid PRIMARY KEY,
  tenant_id      uuid NOT NULL REFERENCES tenants,
  entity_type    smallint NOT NULL CONSTRAINT entities_type_is_known CHECK (entity_type BETWEEN 1 AND 3),
  entity_id      text NOT NULL,
  name           text NOT NULL,
  parent_account uuid REFERENCES entities,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT entities_id_taken UNIQUE (tenant_id, entity_type, entity_id),
  CONSTRAINT entities_only_tenants_are_roots CHECK ((parent_account IS NULL) = (entity_type = 1))
);
CREATE INDEX entities_children ON entities (parent_account);

CREATE TABLE applications (
  tenant_id      uuid NOT NULL REFERENCES tenants,
  application_id text NOT NULL,
  name           text NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT applications_id_taken PRIMARY KEY (tenant_id, application_id)
);

CREATE TABLE api_keys (
  tenant_id     uuid NOT NULL REFERENCES tenants,
  key_id        text NOT NULL,
  name          text NOT NULL,
  key_sha256    bytea NOT NULL CONSTRAINT api_keys_sha256_unique UNIQUE,
  scopes        text[] NOT NULL,
  bound_account uuid REFERENCES entities,
  application   text,
  expires_at    timestamptz,
  revoked_at    timestamptz,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, key_id),
  CONSTRAINT api_keys_application_exists FOREIGN KEY (tenant_id, application) REFERENCES applications
);

-- Nodes hold a tenant's directory in memory and reload it when its version has risen.
CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE tenants SET version = version + 1 WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id);
  RETURN NULL;
END $$;
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON entities
  FOR EACH ROW EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON applications
  FOR EACH ROW EXECUTE FUNCTION directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON api_keys
  FOR EACH ROW EXECUTE FUNCTION directory_changed();

GRANT SELECT ON tenants, entities, applications, api_keys TO tessera_api, tessera_writer;
GRANT INSERT ON entities, applications, api_keys TO tessera_api;
GRANT UPDATE (name, parent_account) ON entities TO tessera_api;
GRANT UPDATE (name, expires_at, revoked_at) ON api_keys TO tessera_api;
GRANT INSERT ON tenants TO tessera_api;
