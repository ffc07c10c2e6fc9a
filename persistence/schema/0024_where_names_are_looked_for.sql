-- Temporary tables are looked at before the schema unless pg_temp is named: whoever may make one could put it in the place
-- of a table that a function of the owner reads.
DO $$
DECLARE
  function regprocedure;
BEGIN
  FOR function IN
    SELECT oid FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = current_user
      AND (prosecdef OR 'search_path=public' = ANY (proconfig)) -- those that such a function calls
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', function);
  END LOOP;
END $$;

-- Nor does the service need temporary tables. Only the database's owner can forbid them, and a dump does not bring it
-- along: a second wall, where it can be had.
RESET ROLE;
DO $$
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
SET LOCAL ROLE tessera_owner;
