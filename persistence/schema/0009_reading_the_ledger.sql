-- Reading the ledger in pages. docs/decisions/0015-reading-the-ledger.md says what these indexes cost and why.

-- An account's entries of one application ('' is entity-level), in the order in which they were booked. The time
-- rises strictly within an account, so it is also the position of a page. Every spend pays for this one.
CREATE INDEX credit_entries_of_application ON credit_entries (account_id, application, booked_at);

-- The same of one type. Spends (4), nearly all of the ledger, are not in it and do not pay for it.
CREATE INDEX credit_entries_of_type ON credit_entries (account_id, entry_type, application, booked_at)
  WHERE entry_type <> 4;

-- Signs the cursors of pages: the same on every node, and after a restart.
ALTER TABLE cluster ADD COLUMN cursor_key bytea NOT NULL
  DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
  CONSTRAINT cluster_cursor_key_is_256_bits CHECK (octet_length(cursor_key) = 32);
