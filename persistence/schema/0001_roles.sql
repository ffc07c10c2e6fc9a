-- Who may do what. Roles belong to the whole PostgreSQL server, so they may exist already.
--   tessera_owner    owns every object; nobody logs in as it
--   tessera_migrate  runs migrations (may become the owner)
--   tessera_api      one tenant at a time, behind row-level security
--   tessera_writer   the node itself: reads across tenants, appends through the journal functions only
--   tessera_service  the login of `tessera serve`; becomes tessera_api or tessera_writer, has no right of its own
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['tessera_owner', 'tessera_migrate', 'tessera_api', 'tessera_writer'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', role);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
  BEGIN
    CREATE ROLE tessera_service LOGIN NOINHERIT NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    GRANT tessera_owner TO tessera_migrate;
    GRANT tessera_api, tessera_writer TO tessera_service;
  EXCEPTION WHEN unique_violation THEN NULL; -- another database is migrated at the same moment
  END;
END $$;

-- Whoever migrates becomes the owner for the rest; a superuser may do so anyway.
DO $$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT tessera_owner TO %I', current_user);
  END IF;
END $$;
GRANT USAGE, CREATE ON SCHEMA public TO tessera_owner;
GRANT USAGE ON SCHEMA public TO tessera_api, tessera_writer;
SET LOCAL ROLE tessera_owner;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The tenant that a tessera_api transaction acts for; null outside of one, so that nothing is visible.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE
  RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION current_tenant() TO tessera_api, tessera_writer;
