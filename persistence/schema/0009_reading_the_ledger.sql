-- Reading the ledger in pages. docs/decisions/0015-reading-the-ledger.md says why spends have no index of their own.

-- An account's entries of one type and application ('' is entity-level), in the order in which they were booked.
-- Spends (4), nearly all of the ledger, are not in it and do not pay for it.
CREATE INDEX credit_entries_of_type ON credit_entries (account_id, entry_type, application, booked_at)
  WHERE entry_type <> 4;

-- The seq of an account's last entry that was booked at `moment` or before; 0 when none was, or only the genesis
-- entry. Within an account the time rises strictly with seq, so halving finds it: about 20 probes of the primary key
-- among a million entries, one when `moment` is not before the newest.
CREATE FUNCTION last_seq_booked_by(account uuid, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  booked_by bigint := 0; -- this one, or none, is booked by then
  later bigint;          -- this one is not
  middle bigint;
  probe record;
BEGIN
  SELECT e.seq, e.booked_at INTO probe FROM credit_entries e WHERE e.account_id = account ORDER BY e.seq DESC LIMIT 1;
  IF NOT FOUND THEN RETURN 0; END IF;
  IF probe.booked_at <= moment THEN RETURN probe.seq; END IF;
  later := probe.seq;
  WHILE later - booked_by > 1 LOOP
    middle := booked_by + (later - booked_by) / 2;
    SELECT e.seq, e.booked_at INTO probe FROM credit_entries e
    WHERE e.account_id = account AND e.seq >= middle ORDER BY e.seq LIMIT 1;
    IF probe.booked_at <= moment THEN booked_by := probe.seq; ELSE later := middle; END IF;
  END LOOP;
  RETURN booked_by;
END $$;
GRANT EXECUTE ON FUNCTION last_seq_booked_by TO tessera_api;

-- Signs the cursors of pages: the same on every node, and after a restart.
ALTER TABLE cluster ADD COLUMN cursor_key bytea NOT NULL
  DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
  CONSTRAINT cluster_cursor_key_is_256_bits CHECK (octet_length(cursor_key) = 32);
