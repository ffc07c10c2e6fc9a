-- A server that has run for a while does not create files of its log while somebody waits for a commit: fills `megabytes`
-- of it and lets a checkpoint recycle them.
SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1048576))) FROM generate_series(1, :megabytes);
CHECKPOINT;

-- Touches the shared buffers: the kernel hands out the memory of a server that has just been started page by page, while
-- somebody waits. One row fills a page.
CREATE UNLOGGED TABLE warm_pages (filler text);
ALTER TABLE warm_pages ALTER filler SET STORAGE PLAIN;
INSERT INTO warm_pages SELECT repeat('x', 8000) FROM generate_series(1, :pages);
DROP TABLE warm_pages;
