# shellcheck shell=bash
# shellcheck disable=SC2154 # set by `run`
# The services that are measured. A service is known by its name; below $work, NAME.pid, NAME.port and NAME.key say
# where it is, and NAME.absent why it is not. They are files because rows run in subshells.
#   bench     10,000 accounts, as shipped
#   volatile  the same, but its journal is thrown away, which only tessera_with_faults does
#   big       100,000 accounts; started by the rows that need it
#   shop      as bench, and sells for cards that a payment sandbox charges; likewise

make_services() {
  rm -f "$work"/{bench,volatile,big,shop}.{pid,port,key,absent}
  if ! make_ledger bench "$accounts"; then
    absent bench "the ledger could not be made; see $logs/bench.log"
    absent volatile "as bench"
    absent big "as bench"
    absent shop "as bench"
    return 0
  fi
  if wants_any "${volatile_rows[@]}"; then ask 'CREATE DATABASE volatile TEMPLATE bench' && cp "$work/bench.key" "$work/volatile.key"; fi
  if wants purchases && ! make_shop; then absent shop "see $logs/shop.log"; fi
  if wants_any "${big_rows[@]}" && ! make_ledger big "$big_accounts"; then absent big "see $logs/big.log"; fi
  start_for_good bench
  if wants_any "${volatile_rows[@]}"; then
    start_for_good volatile TESSERA_JOURNAL_DISCARD=1
  fi
}

# A copy of bench with a package on sale.
make_shop() {
  ask 'CREATE DATABASE shop TEMPLATE bench' && cp "$work/bench.key" "$work/shop.key" &&
    "$tessera" package create --tenant bench --id small --credits 10 --price-minor 100 --database-url "$(url_of shop)" \
      >>"$logs/shop.log" 2>&1 9>&-
}

# The payment sandbox, on a port of its own.
launch_sandbox() {
  local i
  rm -f "$work/sandbox.port"
  "$sandbox_binary" --port 0 --port-file "$work/sandbox.port" --secret-key sk_test_of_the_bench --settle-after-ms 300 \
    --webhook-connections 16 </dev/null >>"$logs/sandbox.log" 2>&1 9>&- &
  echo $! >"$work/sandbox.pid"
  for ((i = 0; i < 100; i++)); do
    if [ -s "$work/sandbox.port" ]; then return 0; fi
    sleep 0.1
  done
  echo "the payment sandbox did not start" >&2
  return 1
}

stop_sandbox() {
  local pid
  pid=$(cat "$work/sandbox.pid" 2>/dev/null) || return 0
  rm -f "$work/sandbox.pid"
  if [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$(readlink -f "$sandbox_binary")" ]; then kill "$pid" 2>/dev/null || true; fi
}

binary_of() { if [ "$1" = volatile ]; then echo "${tessera}_with_faults"; else echo "$tessera"; fi; }

absent() {
  echo "$2" >"$work/$1.absent"
  say "$1 is absent: $2"
}

# Runs until the end; every account has been awake once.
start_for_good() {
  local name=$1
  say "starting the service $name"
  launch "$@"
  if ! await_ready "$name" >/dev/null 2>>"$logs/$name.log"; then
    stop_service "$name"
    absent "$name" "it did not start: $(grep -v '^$' "$logs/$name.service.log" | tail -n 1 | cut -c 1-150)"
  elif ! { { touch_all "$name" "$accounts" || touch_all "$name" "$accounts"; } && forget_news "$name"; } >>"$logs/$name.log" 2>&1; then
    absent "$name" "its accounts could not be woken; see $logs/$name.log"
  fi
}

# launch NAME [VARIABLE=VALUE...]: starts the process; await_ready waits for it. Its accounts stay awake: a row that takes
# long enough for some to go to rest would measure their activation.
launch() {
  local name=$1
  shift
  rm -f "$work/$name.port"
  env TESSERA_DATABASE_URL="$(url_of "$name" tessera_service)" TESSERA_HTTP_PORT=0 TESSERA_HTTP_PORT_FILE="$work/$name.port" \
    TESSERA_PAYMENTS_ALLOW_TEST=true TESSERA_CLUSTER_NODE_NAME="$name" TESSERA_ACCOUNTS_IDLE_PASSIVATION_SECONDS=86400 TESSERA_LOG_LEVEL=warn TESSERA_LIMITS_SCALE=1000000 TESSERA_SPOOL_DIR="$work/$name.spool" \
    "${service_settings[@]}" "$@" "$(binary_of "$name")" serve </dev/null >>"$logs/$name.service.log" 2>&1 9>&- &
  echo $! >"$work/$name.pid"
}

# Prints when it became ready.
await_ready() {
  "$load" ready --port-file "$work/$1.port" --service "$(pid_of "$1")" --patience 60 | jq -e .ready_at_us
}

pid_of() { cat "$work/$1.pid"; }
port_of() { cat "$work/$1.port"; }

# is_alive NAME PID: and is still the service, not a later process with its pid.
is_alive() { [ "$(readlink "/proc/$2/exe" 2>/dev/null)" = "$(readlink -f "$(binary_of "$1")")" ]; }

# stop_service NAME [SIGNAL]
stop_service() {
  local pid i
  pid=$(cat "$work/$1.pid" 2>/dev/null) || return 0
  if is_alive "$1" "$pid"; then
    kill "-${2:-TERM}" "$pid" 2>/dev/null || true
    for ((i = 0; i < 150; i++)); do
      is_alive "$1" "$pid" || break
      sleep 0.1
    done
    if is_alive "$1" "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$work/$1.pid"
}

stop_services() {
  local name
  stop_sandbox
  for name in bench volatile big shop; do
    stop_service "$name"
  done
}

# http NAME [FLAG...]: load on a service, with the usual times.
http() {
  "$load" http --port "$(port_of "$1")" --key "$(cat "$work/$1.key")" --service "$(pid_of "$1")" --postgres "$postmaster" \
    --warm-up "$warm_up" --seconds "$seconds" "${@:2}"
}

# touch_all NAME ACCOUNTS: one spend on each account; false when more than one in a hundred was refused.
touch_all() {
  local found
  found=$(http "$1" --connections 64 --entities "$2" --order sequential --limit "$2" --after-refusal rest --warm-up 0 \
    --seconds 300)
  jq -c . <<<"$found"
  jq -e --argjson count "$2" '.total_events >= $count * 0.99' <<<"$found" >/dev/null || {
    jq -r --argjson count "$2" '"only \(.total_events) of \($count) spends went through: \(.statuses) \(.unexpected)"' <<<"$found" >&2
    return 1
  }
}

# forget_news DATABASE: each account that woke up has told of its purchase. Sending those mails takes a core for as long as it
# lasts, and would be measured with whatever row runs then.
forget_news() {
  owner "$1" <<<"UPDATE outbox SET expanded_at = clock_timestamp() WHERE expanded_at IS NULL;
                 UPDATE notifications SET status = 'skipped' WHERE status = 'queued'"
}

resident() { "$load" usage --service "$(pid_of "$1")" | jq .resident; }

# What our processes have spent, in microseconds.
spent() {
  local name sum
  sum=$("$load" usage --postgres "$postmaster" | jq '.postgres | floor')
  for name in bench volatile big shop; do
    if [ -s "$work/$name.pid" ]; then sum=$((sum + $("$load" usage --service "$(pid_of "$name")" | jq '.service | floor'))); fi
  done
  echo "$sum"
}

# Waits until what earlier rows left behind (snapshots, autovacuum, passivation) is done: less than 5 % of a core over
# a while, at most 10 s.
settle() {
  local i before after
  before=$(spent)
  for ((i = 0; i < 20; i++)); do
    sleep 0.5
    after=$(spent)
    if ((after - before < 25000)); then return 0; fi
    before=$after
  done
}
