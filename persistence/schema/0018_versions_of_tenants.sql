-- What nodes hold of a tenant follows every change of it, and nothing else (docs/decisions/0025-the-door.md).
CREATE FUNCTION tenant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := greatest(NEW.version, OLD.version + 1);
  RETURN NEW;
END $$;
CREATE TRIGGER tenant_changed BEFORE UPDATE OF id, name, timezone, currency, plan, branding, policies ON tenants
  FOR EACH ROW EXECUTE FUNCTION tenant_changed();

CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON user_identities
  FOR EACH ROW EXECUTE FUNCTION directory_changed();

-- A session ends for everybody, but nodes ask for what has ended by itself: whoever signs in and out must not make them
-- read a large tenant again and again, nor wait for those who change its tree.
DROP TRIGGER directory_changed ON user_sessions;

-- That a key was used changes nothing.
CREATE OR REPLACE TRIGGER directory_changed
  AFTER INSERT OR DELETE OR UPDATE OF scopes, bound_account, application, expires_at, revoked_at ON api_keys
  FOR EACH ROW EXECUTE FUNCTION directory_changed();
-- Nor does the name or the password of a user.
CREATE OR REPLACE TRIGGER directory_changed AFTER INSERT OR DELETE OR UPDATE OF role, status, tokens_from ON users
  FOR EACH ROW EXECUTE FUNCTION directory_changed();
