-- Packages can be edited, purchases can be looked at, and calls without a money effect can be repeated.
ALTER TABLE credit_packages
  ADD COLUMN version bigint NOT NULL DEFAULT 1, -- rises with every edit: the ETag
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- The name under which it was bought: a later edit of the package changes no receipt.
ALTER TABLE credit_purchases ADD COLUMN package_name text NOT NULL DEFAULT '';
UPDATE credit_purchases p SET package_name = k.name
FROM credit_packages k WHERE k.tenant_id = p.tenant_id AND k.package_id = p.package_id;

CREATE INDEX credit_purchases_by_time ON credit_purchases (tenant_id, created_at, purchase_id);
CREATE INDEX credit_lots_of_purchase ON credit_lots (purchase_id) WHERE purchase_id <> '';
-- Few entries end units for good. A spend is not in this index and pays for the look at its type only.
CREATE INDEX credit_entries_endings ON credit_entries (account_id, seq) WHERE entry_type IN (14, 15, 16);

-- Where the units of purchases are: one row for each purchase and account that ever had a lot of it. Free and held
-- are the snapshot plus the entries after it, so they are exact; what is over counts as expired, booked or not.
CREATE FUNCTION purchase_holders(purchases text[])
RETURNS TABLE (purchase_id text, account_id uuid, free bigint, held bigint, expired bigint, refunded bigint, clawed bigint)
LANGUAGE sql STABLE SET search_path = public AS $$
  WITH lots AS (
    SELECT l.purchase_id, l.lot_id, l.account_id, l.opened_seq, l.free, l.held, l.expires_at <= now() AS is_over,
           b.seq AS snapshot
    FROM credit_lots l JOIN credit_balances b ON b.account_id = l.account_id
    WHERE l.purchase_id = ANY (purchases) AND l.purchase_id <> ''
  ), holders AS (
    SELECT l.account_id, min(l.snapshot) AS snapshot, min(l.opened_seq) AS opened FROM lots l GROUP BY l.account_id
  ), effects (entry_type, free, held) AS ( -- as in actors/domain/entry_effects.cpp
    VALUES (1, 1, 0), (2, 1, 0), (3, 1, 0), (4, -1, 0), (5, -1, 1), (6, 0, -1), (7, 1, -1), (8, -1, 0), (9, 1, 0),
           (10, -1, 0), (11, 1, 0), (12, -1, 0), (13, 1, 0), (14, -1, 0), (18, 1, 0), (19, 1, 0)
  ), later AS (
    SELECT l.lot_id, sum(s.units * f.free) AS free, sum(s.units * f.held) AS held
    FROM holders h
    CROSS JOIN LATERAL ( -- in their order, so that the index is walked from there on, whatever the statistics say
      SELECT t.* FROM credit_entries t WHERE t.account_id = h.account_id AND t.seq > h.snapshot ORDER BY t.seq) AS e
    CROSS JOIN LATERAL credit_slices(e.slices) AS s
    JOIN effects f ON f.entry_type = e.entry_type
    JOIN lots l ON l.lot_id = s.lot_id AND e.seq > l.opened_seq
    GROUP BY l.lot_id
  ), ended AS (
    SELECT l.lot_id, sum(s.units) FILTER (WHERE e.entry_type = 14) AS expired,
           sum(s.units) FILTER (WHERE e.entry_type = 15) AS refunded,
           sum(s.units) FILTER (WHERE e.entry_type = 16) AS clawed
    FROM holders h
    CROSS JOIN LATERAL (
      SELECT t.* FROM credit_entries t
      WHERE t.account_id = h.account_id AND t.seq > h.opened AND t.entry_type IN (14, 15, 16) ORDER BY t.seq) AS e
    CROSS JOIN LATERAL credit_slices(e.slices) AS s
    JOIN lots l ON l.lot_id = s.lot_id
    GROUP BY l.lot_id
  ), figures AS (
    SELECT l.purchase_id, l.account_id, coalesce(l.is_over, false) AS is_over,
           l.free + coalesce(t.free, 0) AS free, l.held + coalesce(t.held, 0) AS held,
           coalesce(d.expired, 0) AS expired, coalesce(d.refunded, 0) AS refunded, coalesce(d.clawed, 0) AS clawed
    FROM lots l LEFT JOIN later t ON t.lot_id = l.lot_id LEFT JOIN ended d ON d.lot_id = l.lot_id
  )
  SELECT x.purchase_id, x.account_id,
         sum(CASE WHEN x.is_over THEN 0 ELSE x.free END)::bigint, sum(x.held)::bigint,
         sum(x.expired + CASE WHEN x.is_over THEN x.free ELSE 0 END)::bigint,
         sum(x.refunded)::bigint, sum(x.clawed)::bigint
  FROM figures x GROUP BY x.purchase_id, x.account_id
$$;
GRANT EXECUTE ON FUNCTION purchase_holders TO tessera_api;

-- First answers of calls without a money effect, for 30 days, written in the transaction of the effect.
CREATE TABLE idempotency_answers (
  idempotency_key uuid PRIMARY KEY, -- 16 bytes of SHA-256(tenant, route, key)
  tenant_id       uuid NOT NULL REFERENCES tenants,
  fingerprint     uuid NOT NULL,    -- 16 bytes of the SHA-256 of the command
  status          smallint NOT NULL DEFAULT 0,
  body            text NOT NULL DEFAULT '',
  etag            text NOT NULL DEFAULT '',
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX idempotency_answers_by_age ON idempotency_answers (tenant_id, created_at);

ALTER TABLE idempotency_answers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON idempotency_answers TO tessera_api USING (tenant_id = current_tenant())
  WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, DELETE ON idempotency_answers TO tessera_api;
GRANT UPDATE (fingerprint, status, body, etag, created_at) ON idempotency_answers TO tessera_api;
