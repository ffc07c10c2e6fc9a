-- The second wall: a tessera_api transaction sees and writes rows of its tenant only. The writer serves all
-- tenants; it may read them and append through the journal functions.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenants', 'entities', 'applications', 'api_keys', 'credit_entries', 'credit_lots',
                              'credit_balances', 'credit_inbox', 'outbox', 'credit_packages', 'credit_purchases',
                              'idempotency_keys'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I FOR SELECT TO tessera_writer USING (true)', name);
  END LOOP;
END $$;
