# shellcheck shell=bash
# shellcheck disable=SC2154 # set by `run`
# The private PostgreSQL of a measurement, tuned as tools/start tunes it, with fsync on.

start_cluster() {
  export PG_LOG=$logs/postgres.log
  load_at_start=$(cut -d ' ' -f 1-3 /proc/loadavg)
  has_postgres_server || fail "PostgreSQL is not installed"
  remove_cluster
  say "starting PostgreSQL"
  pg_up "$work/postgres" 9>&- >/dev/null || fail "PostgreSQL did not start; see $PG_LOG"
  postmaster=$(pg_pid "$(pg_home "$work/postgres")") || fail "PostgreSQL has no pid"
}

remove_cluster() {
  pg_down "$work/postgres" || true
  rm -rf "$(pg_home "$work/postgres")" "$work/postgres"
}

stop_cluster() {
  if [ $keep = yes ]; then pg_down "$work/postgres" || true; return 0; fi
  remove_cluster
  rm -rf "$work"/pgbench.* "$work"/{bench,volatile,big,shop,sandbox}.*
}

url_of() { pg_url "$work/postgres" "$@"; }

# owner DATABASE [ARGUMENT...]: psql as the owner, quiet, ends at the first error.
owner() {
  "$(pg_bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$(url_of "$1")" "${@:2}"
}

ask() { owner postgres -c "$1"; }

wal_position() { ask "SELECT pg_current_wal_lsn() - '0/0'"; }

make_yard() {
  say "filling the tables of the yardsticks"
  ask 'CREATE DATABASE yard'
  owner yard -f "$here/sql/yardsticks.sql" >>"$logs/yard.log"
}

warm_up_server() {
  local pages
  say "recycling the log, touching the buffers"
  pages=$(ask "SELECT setting FROM pg_settings WHERE name = 'shared_buffers'")
  owner postgres -v megabytes=1500 -v pages="$pages" -f "$here/sql/warm_up.sql" >>"$logs/yard.log"
}

user_email=user@bench.example user_password='a password of the bench'

# make_ledger DATABASE ACCOUNTS: a migrated database with the tenant `bench`, its accounts and a user. Leaves the API key
# in a file, for the tenant of this database and of its copies.
make_ledger() {
  local name=$1 count=$2 url
  url=$(url_of "$name")
  say "filling the database $name with $count accounts"
  ask "CREATE DATABASE $name"
  {
    "$tessera" migrate --database-url "$url" &&
      "$tessera" tenant create --id bench --name Bench --plan enterprise --database-url "$url" --json &&
      owner "$name" -v tenant=bench -v accounts="$count" -v credits=1000000000 -f "$here/sql/seed.sql" &&
      "$tessera" key create --tenant bench --name bench --scope credits:consume --scope credits:read \
        --scope credits:purchase --scope credits:hold --scope directory:write --scope invitations:write --scope invitations:read --application crm --database-url "$url" --json >"$work/$name.key.json" &&
      echo "$user_password" | "$tessera" user create --tenant bench --email "$user_email" --role tenant_admin --password-file - \
        --database-url "$url" --json
  } >>"$logs/$name.log" 2>&1 9>&- || return 1
  make_modest_tenant "$name" >>"$logs/$name.log" 2>&1 9>&- || return 1
  jq -r '.key // empty' "$work/$name.key.json" >"$work/$name.key"
  [ -s "$work/$name.key" ]
}

# A second tenant with a few accounts, beside the one that has all.
make_modest_tenant() {
  local name=$1 url
  url=$(url_of "$name")
  "$tessera" tenant create --id modest --name Modest --plan enterprise --database-url "$url" --json &&
    owner "$name" -v tenant=modest -v accounts=100 -v credits=1000000000 -f "$here/sql/seed.sql" &&
    "$tessera" key create --tenant modest --name modest --scope credits:consume --application crm --database-url "$url" --json |
      jq -r '.key // empty' >"$work/$name.modest.key" && [ -s "$work/$name.modest.key" ]
}
