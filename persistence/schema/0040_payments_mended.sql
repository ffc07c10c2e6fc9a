-- With what the provider was asked for the money of a purchase (docs/decisions/0046-paying.md): whoever asks again asks
-- the same, whatever was saved or moved meanwhile.
ALTER TABLE credit_purchases
  ADD COLUMN asked_at              timestamptz, -- null: nobody was asked, or before this migration
  ADD COLUMN asked_method          text NOT NULL DEFAULT '',
  ADD COLUMN asked_method_customer text NOT NULL DEFAULT '',
  ADD COLUMN asked_customer        text NOT NULL DEFAULT '',
  ADD COLUMN asked_return_base     text NOT NULL DEFAULT '';
GRANT UPDATE (asked_at, asked_method, asked_method_customer, asked_customer, asked_return_base) ON credit_purchases
  TO tessera_api;

-- Who said of an invoice that it was paid, and by what.
ALTER TABLE credit_purchases
  ADD COLUMN settled_reference text NOT NULL DEFAULT '',
  ADD COLUMN settled_by_kind   smallint,
  ADD COLUMN settled_by        text NOT NULL DEFAULT '';
GRANT UPDATE (settled_reference, settled_by_kind, settled_by) ON credit_purchases TO tessera_api;

-- Up to when the provider was asked for all of its events: a reading that broke off does not move it.
CREATE TABLE provider_event_cursor (
  is_only    boolean PRIMARY KEY DEFAULT true CONSTRAINT provider_event_cursor_is_one CHECK (is_only),
  read_until timestamptz NOT NULL
);
ALTER TABLE provider_event_cursor ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_nobody ON provider_event_cursor TO tessera_api
  USING (current_tenant() = '00000000-0000-0000-0000-000000000000')
  WITH CHECK (current_tenant() = '00000000-0000-0000-0000-000000000000');
GRANT SELECT, INSERT ON provider_event_cursor TO tessera_api;
GRANT UPDATE (read_until) ON provider_event_cursor TO tessera_api;
