-- Who owns which accounts. Leases steer requests and guard reads; no write depends on them (the chain does that).
CREATE TABLE cluster (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  cluster_id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO cluster DEFAULT VALUES;

CREATE TABLE node (
  incarnation  uuid PRIMARY KEY,
  node_name    text NOT NULL,
  address      text NOT NULL DEFAULT '',
  started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  draining     boolean NOT NULL DEFAULT false
);

CREATE TABLE shard (
  shard_id    integer PRIMARY KEY,
  owner       uuid,
  epoch       bigint NOT NULL DEFAULT 0,
  lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO shard (shard_id) SELECT generate_series(0, 255);

GRANT SELECT, INSERT, UPDATE ON node TO tessera_writer;
GRANT SELECT, UPDATE ON shard TO tessera_writer;
GRANT SELECT ON cluster TO tessera_writer;
