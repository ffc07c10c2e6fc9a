-- Tenants word messages themselves, try them, and say where nothing is sent (docs/decisions/0062-alerts.md).

-- A version that takes the tenant's wording back: what is built in, or a wording of a wider language, counts again.
ALTER TABLE notification_templates ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

-- The tenant's administrators replace one; the node one that is over, where a mail bounces.
GRANT UPDATE (reason, until, created_by, created_at) ON suppressions TO tessera_api, tessera_writer;
CREATE INDEX suppressions_of_a_tenant ON suppressions (tenant_id, created_at, suppression_id);

-- A message with made up values, to whom the tenant's administrators choose: of no event.
CREATE FUNCTION send_test_message(by_channel text, address text, template_key text, language text, names text[], texts text[])
RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, template, locale, variables,
                             priority)
  VALUES (gen_random_uuid(), current_tenant(), gen_random_uuid(), 'template.tested', by_channel, address, template_key,
          language, jsonb_object(names, texts), 3)
  RETURNING notification_id
$$;
GRANT EXECUTE ON FUNCTION send_test_message TO tessera_api;
