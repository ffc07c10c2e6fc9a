#!/usr/bin/env bash
# shellcheck shell=bash
# A private PostgreSQL in a directory of its own, on a unix socket only. Sourced by the scripts, and run by the tests:
#   postgres.sh up|down|kill|restart-immediate|url|home DIR     (up and url print a URL that connects as the owner)
#   postgres.sh guard DIR    takes the cluster down and removes DIR as soon as standard input ends
# Works as root (PostgreSQL then runs as the user postgres) and as an ordinary user.
# PG_PROFILE=service|test, PG_FSYNC=on|off (test only), PG_LOG=FILE, PG_TEMPLATE=DIR (an initialised cluster to copy).

# shellcheck source=tools/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pg_port=5432 # only names the socket
pg_owner=postgres

pg_fail() {
  echo "postgres: $*" >&2
  return 1
}

# The newest server; Debian keeps it off the PATH.
pg_bin() {
  local found
  found=$(find /usr/lib/postgresql -maxdepth 3 -name postgres -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || { pg_fail "no server is installed"; return 1; }
  dirname "$found"
}

# Runs a command as the user that may own a cluster: initdb and postgres refuse root. Nothing of the caller's PG* variables
# reaches it, nor a handle: a server would hold the caller's locks and pipes for as long as it lives.
pg_as() {
  local as=(env -i "PATH=$PATH" HOME=/ LANG=C.UTF-8 TZ=UTC)
  [ "$(id -u)" != 0 ] || as=(setpriv --reuid=postgres --regid=postgres --init-groups "${as[@]}")
  (
    close_handles
    cd / && exec "${as[@]}" "$@"
  )
}

pg_absolute() {
  mkdir -p "$1" && (cd "$1" && pwd -P)
}

# Where the cluster of DIR really is. Below a directory that postgres may not enter (a checkout in /root) it moves to /var/lib/tessera.
pg_home() {
  local dir fallback
  dir=$(pg_absolute "$1") || return 1
  if [ "$(id -u)" != 0 ] || [ -s "$dir/cluster/data/PG_VERSION" ]; then
    mkdir -p "$dir/cluster"
    echo "$dir/cluster"
    return 0
  fi
  fallback=/var/lib/tessera/$(printf %s "$dir" | sha256sum | cut -c1-16)
  if [ ! -d "$fallback" ]; then
    mkdir -p "$dir/cluster" && chown postgres: "$dir/cluster"
    if pg_as test -x "$dir/cluster" -a -w "$dir/cluster"; then
      echo "$dir/cluster"
      return 0
    fi
    rmdir "$dir/cluster"
    install -d -m 0755 /var/lib/tessera && install -d -m 0700 -o postgres -g postgres "$fallback"
  fi
  echo "$fallback"
}

# A socket's path has at most 107 bytes, and only plain characters need no quoting in a URL or a list.
pg_socket_dir() {
  local home=$1 dir
  dir=$home/socket
  if [ ${#dir} -gt 90 ] || [[ ! $dir =~ ^[A-Za-z0-9/._-]+$ ]]; then
    dir=$(cat "$home/socket-dir" 2>/dev/null || true)
    if [ ! -d "$dir" ]; then
      dir=$(pg_as mktemp -d /tmp/tessera.XXXXXX) || return 1
      echo "$dir" >"$home/socket-dir"
    fi
  else
    [ -d "$dir" ] || pg_as mkdir -m 0700 "$dir" || return 1
  fi
  echo "$dir"
}

# pg_url DIR [DATABASE [USER]]
pg_url() {
  local home socket
  home=$(pg_home "$1") && socket=$(pg_socket_dir "$home") || return 1
  echo "postgresql://${3:-$pg_owner}@/${2:-postgres}?host=${socket//\//%2F}&port=$pg_port"
}

# All live processes of the cluster: each has the data directory as its working directory, a recycled pid has not.
pg_processes() {
  find /proc -maxdepth 2 -name cwd -printf '%h %l\n' 2>/dev/null | awk -v data="$1/data" '$2 == data { sub("/proc/", "", $1); print $1 }'
}

# The postmaster's pid, if it is alive and really is the one of this cluster.
pg_pid() {
  local data=$1/data pid
  pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$data" ] || return 1
  echo "$pid"
}

pg_settings() {
  cat <<SETTINGS
listen_addresses = ''
port = $pg_port
unix_socket_directories = '$1'
unix_socket_permissions = 0700
log_line_prefix = '%m [%p] %a '
log_timezone = 'UTC'
timezone = 'UTC'
synchronous_commit = on
wal_compression = off
max_connections = 100
client_connection_check_interval = 1s
SETTINGS
  if [ "${PG_PROFILE:-service}" = test ]; then
    cat <<SETTINGS
max_connections = 250 # several services on one server
fsync = ${PG_FSYNC:-off}
full_page_writes = ${PG_FSYNC:-off}
shared_buffers = 64MB
max_wal_size = 256MB
max_wal_senders = 0
wal_level = minimal
autovacuum_naptime = 5min
SETTINGS
  else
    cat <<SETTINGS
fsync = on
shared_buffers = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
SETTINGS
  fi
}

pg_init() {
  local home=$1 bin=$2 sync=()
  [ ! -s "$home/data/PG_VERSION" ] || return 0
  pg_as rm -rf "$home/data.new"
  if [ -n "${PG_TEMPLATE:-}" ] && pg_template "$bin"; then
    cp -a "$PG_TEMPLATE/data" "$home/data.new"
    [ "$(id -u)" != 0 ] || chown -R postgres: "$home/data.new"
  else
    [ "${PG_PROFILE:-service}" != test ] || sync=(--no-sync)
    pg_initdb "$bin" "$home/data.new" "${sync[@]}" || return 1
  fi
  mv -T "$home/data.new" "$home/data" # only a whole cluster has the name that counts
}

pg_initdb() {
  local bin=$1 data=$2
  shift 2
  pg_as "$bin/initdb" -D "$data" -U "$pg_owner" -E UTF8 --locale=C.UTF-8 --data-checksums \
    --auth-local=trust --auth-host=reject "$@" >/dev/null || return 1
  echo "include_if_exists 'tessera.conf'" >>"$data/postgresql.conf"
}

# Makes the cluster that tests copy, once for all processes.
pg_template() {
  local bin=$1 made
  [ ! -s "$PG_TEMPLATE/data/PG_VERSION" ] || return 0
  mkdir -p "$PG_TEMPLATE" || return 1
  (
    flock 9
    [ ! -s "$PG_TEMPLATE/data/PG_VERSION" ] || exit 0
    made=$(pg_as mktemp -d /tmp/tessera.XXXXXX) || exit 1
    pg_initdb "$bin" "$made/data" --no-sync --wal-segsize=4 || exit 1
    rm -rf "$PG_TEMPLATE/data.new" && cp -a "$made/data" "$PG_TEMPLATE/data.new" && mv -T "$PG_TEMPLATE/data.new" "$PG_TEMPLATE/data"
    rm -rf "$made"
  ) 9>"$PG_TEMPLATE/lock"
}

pg_log_file() {
  local home=$1 log=${PG_LOG:-$1/postgres.log}
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$(dirname "$log")" && touch "$log" && chown postgres: "$log"
    pg_as test -w "$log" || log=$home/postgres.log # an unreachable checkout
  fi
  echo "$log"
}

# After a kill -9 of the postmaster its backends need a moment to notice; two generations must never share a data directory,
# so the lock files go only when nobody is left.
pg_clear_locks() {
  local home=$1 socket=$2 pids tries
  for tries in {1..50}; do
    mapfile -t pids < <(pg_processes "$home")
    [ ${#pids[@]} != 0 ] || break
    [ "$tries" != 50 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$home/data/postmaster.pid" "$socket/.s.PGSQL.$pg_port" "$socket/.s.PGSQL.$pg_port.lock"
}

pg_start() {
  local home=$1 bin=$2 socket=$3 log
  log=$(pg_log_file "$home")
  pg_clear_locks "$home" "$socket"
  pg_as "$bin/pg_ctl" start -D "$home/data" -w -t 120 -s -l "$log" </dev/null >/dev/null 2>&1 && return 0
  pg_fail "the server did not start; the end of $log:"
  tail -n 20 "$log" >&2
  return 1
}

# pg_up DIR: starts the cluster, making it first if need be; prints its URL.
pg_up() {
  local home bin socket
  bin=$(pg_bin) && home=$(pg_home "$1") || return 1
  pg_init "$home" "$bin" && socket=$(pg_socket_dir "$home") || return 1
  if ! pg_pid "$home" >/dev/null; then
    pg_settings "$socket" >"$home/data/tessera.conf" || return 1
    chmod 0644 "$home/data/tessera.conf"
    pg_start "$home" "$bin" "$socket" || return 1
  fi
  pg_url "$1"
}

pg_down() {
  local home bin
  bin=$(pg_bin) && home=$(pg_home "$1") || return 1
  pg_pid "$home" >/dev/null || return 0
  pg_as "$bin/pg_ctl" stop -D "$home/data" -m fast -w -t 30 -s >/dev/null 2>&1 || pg_down_immediate "$1"
}

pg_down_immediate() {
  local home bin
  bin=$(pg_bin) && home=$(pg_home "$1") || return 1
  pg_pid "$home" >/dev/null || return 0
  pg_as "$bin/pg_ctl" stop -D "$home/data" -m immediate -w -t 30 -s >/dev/null 2>&1
}

# Crash recovery without a crash: nothing is flushed, nobody is asked.
pg_restart_immediate() {
  pg_down_immediate "$1" && pg_up "$1"
}

# kill -9 of everything that belongs to the cluster.
pg_kill() {
  local home pids
  home=$(pg_home "$1") || return 1
  mapfile -t pids < <(pg_processes "$home")
  [ ${#pids[@]} = 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
}

# A test process holds the other end of standard input: however it dies, its cluster goes.
pg_guard() {
  local home socket pids
  trap '' INT TERM HUP
  cat >/dev/null || true
  home=$(pg_home "$1")
  mapfile -t pids < <(pg_processes "$home")
  [ ${#pids[@]} = 0 ] || kill -CONT "${pids[@]}" 2>/dev/null || true
  pg_down_immediate "$1" || pg_kill "$1"
  socket=$(cat "$home/socket-dir" 2>/dev/null || true)
  case $socket in /tmp/tessera.*) rm -rf "$socket" ;; esac
  rm -rf "$home" "$1"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  case ${1:-} in
    up) pg_up "$2" ;;
    down) pg_down "$2" ;;
    down-immediate) pg_down_immediate "$2" ;;
    kill) pg_kill "$2" ;;
    restart-immediate) pg_restart_immediate "$2" ;;
    url) pg_url "$2" "${@:3}" ;;
    home) pg_home "$2" ;;
    guard) pg_guard "$2" ;;
    *) sed -n '3,7s/^# //p' "$0" >&2; exit 2 ;;
  esac
fi
