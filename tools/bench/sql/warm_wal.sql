-- Fills `megabytes` of the log and lets a checkpoint recycle them: a server that has run for a while does not
-- create its log files while somebody waits for a commit.
SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1048576))) FROM generate_series(1, :megabytes);
CHECKPOINT;
