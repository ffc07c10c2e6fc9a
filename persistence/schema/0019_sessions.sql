-- Signing in: what is looked up before the tenant is known, and what keeps old sessions away
-- (docs/decisions/0026-tokens-and-sessions.md).
CREATE INDEX user_sessions_of_a_user ON user_sessions (tenant_id, user_id);
CREATE INDEX refresh_tokens_of_a_session ON refresh_tokens (session_id);

-- Who comes later from the same issuer with the same address is somebody else.
CREATE UNIQUE INDEX user_identities_one_of_an_issuer ON user_identities (tenant_id, issuer, user_id);

-- Behind row-level security nobody sees other tenants. These two say which tenant it is about, and no more:
-- everything else is read as that tenant.

-- The tenants in which somebody who has the address may sign in; two are as many as anybody must know of.
CREATE FUNCTION tenants_of_email(wanted_key text, wanted_tenant text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.tenant_id FROM users u JOIN tenants t USING (tenant_id)
   WHERE u.email_key = wanted_key AND u.status = 'active' AND (wanted_tenant IS NULL OR t.id = wanted_tenant)
   LIMIT 2
$$;
CREATE FUNCTION tenant_of_refresh_token(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM refresh_tokens WHERE token_sha256 = wanted
$$;
GRANT EXECUTE ON FUNCTION tenants_of_email(text, text), tenant_of_refresh_token(bytea) TO tessera_api;
