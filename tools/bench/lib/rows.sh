# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by, and set by, `run`
# The rows. Each is a function that prints one JSON object: what tessera_load found, {figures: {...}} for figures of
# its own, or {na: "why it cannot be measured"}.

yard_rows=(naive_hot_8 naive_hot_64 naive_100k_64 cte_hot_8 cte_hot_64 cte_100k_64 floor_100 commit)
volatile_rows=(volatile_256)
big_rows=(memory start passivation)
our_rows=(hello_256 echo_256 consume_256 consume_64 hot_256 hold_256 "${volatile_rows[@]}" batch_100 open_loop overload overload_10x greedy_tenant sign_ins purchases invitations "${big_rows[@]}")
all_rows=("${yard_rows[@]}" "${our_rows[@]}")
declare -A most_rounds=([memory]=3 [start]=3 [passivation]=1 [overload_10x]=1 [greedy_tenant]=1)

na() { jq -n --arg reason "$1" '{na: $reason}'; }

# with NAME COMMAND...: the command, or why the service is absent.
with() {
  if [ -e "$work/$1.absent" ]; then na "$(cat "$work/$1.absent")"; else "${@:2}"; fi
}

# --- yardsticks ------------------------------------------------------------------------------------------------------

# What one writes without us. naive: BEGIN, UPDATE, INSERT, COMMIT; cte: the same in one statement.
row_naive_hot_8() { pgbench_row naive 8 1; }
row_naive_hot_64() { pgbench_row naive 64 1; }
row_naive_100k_64() { pgbench_row naive 64 100000; }
row_cte_hot_8() { pgbench_row cte 8 1; }
row_cte_hot_64() { pgbench_row cte 64 1; }
row_cte_100k_64() { pgbench_row cte 64 100000; }

# The least that rows with unique keys cost, and the least that a commit costs.
row_floor_100() { floor_row 100; }
row_commit() { floor_row 1; }

floor_row() {
  "$load" floor --database "$(url_of yard)" --rows "$1" --postgres "$postmaster" --warm-up "$warm_up" --seconds "$seconds"
}

# pgbench_row SCRIPT CLIENTS ACCOUNTS: a busy server takes its time to let all clients in.
pgbench_row() {
  local patience
  for patience in 1 2 4; do
    if pgbench_window $((patience * (1 + $2 / 16))) "$@"; then return 0; fi
  done
  return 1
}

# pgbench_window CONNECTING SCRIPT CLIENTS ACCOUNTS: the transactions that end within the measured time, which begins
# when all clients should have been connected, and warm, for a while. False: they were not.
pgbench_window() {
  local connecting=$1 begin before end after runner found
  shift
  rm -f "$work"/pgbench.*
  run_pgbench "$@" $((connecting + warm_up + seconds + 1)) >"$logs/pgbench.log" &
  runner=$!
  sleep $((connecting + warm_up))
  begin=${EPOCHREALTIME/./}
  before=$("$load" usage --postgres "$postmaster")
  sleep "$seconds"
  end=${EPOCHREALTIME/./}
  after=$("$load" usage --postgres "$postmaster")
  wait "$runner" && found=$(latencies $((begin - warm_up * 500000)) "$begin" "$end") || return 1
  jq -c --argjson before "$before" --argjson after "$after" --argjson clients "$2" --argjson us $((end - begin)) \
    '{mode: "pgbench", connections: $clients, per_second: (.count * 1e6 / $us), latency_us: del(.total), total_events: .total,
      cpu_us: {service: 0, postgres: (($after.postgres - $before.postgres) / .count)}}' <<<"$found"
}

run_pgbench() {
  "$(pg_bin)/pgbench" -n -M prepared -j 1 -c "$2" -D accounts="$3" -f "$here/sql/$1.sql" -T "$4" --log \
    --log-prefix="$work/pgbench" "$(url_of yard)" 2>&1
}

# latencies WARM BEGIN END: of pgbench's log, whose third column is a transaction's time and whose last two are its end.
# False when the first one ended after WARM.
latencies() {
  cat "$work"/pgbench.* | awk -v warm="$1" -v begin="$2" -v end="$3" '
    { at = $5 * 1000000 + $6; print (at >= begin && at < end ? $3 : -1); if (!first || at < first) first = at }
    END { if (!first || first > warm) { print "the clients were not connected in time" >"/dev/stderr"; exit 1 } }' |
    sort -n | awk '
    function at(share,  n) { n = int(count * share + 0.999999); return t[n < 1 ? 1 : n] }
    $1 >= 0 { t[++count] = $1 }
    END { if (!count) exit 1
          printf "{\"total\":%d,\"count\":%d,\"p50\":%d,\"p90\":%d,\"p99\":%d,\"max\":%d}\n",
                 NR, count, at(0.5), at(0.9), at(0.99), t[count] }'
}

# --- ours ------------------------------------------------------------------------------------------------------------

row_hello_256() { with bench http bench --method get --connections 256; }
# Authentication, parsing and validation, which refuses it: everything but the work.
row_echo_256() { with bench http bench --connections 256 --entities "$accounts" --credits 0 --expect 422; }
row_consume_256() { with bench http bench --connections 256 --entities "$accounts"; }
row_consume_64() { with bench http bench --connections 64 --entities "$accounts"; }
row_hot_256() { with bench http bench --connections 256; }
# Pairs of a hold and its capture.
row_hold_256() { with bench http bench --connections 256 --entities "$accounts" --method hold; }
row_volatile_256() { with volatile http volatile --connections 256 --entities "$accounts"; }
row_batch_100() { with bench http bench --connections 32 --entities "$accounts" --batch 100; }

# What 256 connections get out of it at this moment.
capacity() { http bench --connections 256 --entities "$accounts" | jq -e '.per_second | select(. > 0) | floor'; }

# Latency at 20,000/s, or at half of what is possible.
row_open_loop() { with bench open_loop; }
open_loop() {
  local rate
  rate=$(($(capacity) / 2))
  [ $rate -le 20000 ] || rate=20000
  http bench --connections 256 --entities "$accounts" --rate $rate
}

# More than is possible: from clients that heed Retry-After, and from clients that do not, and from such as come back on a
# new connection. Compared with 5 % of the load. A request for which no connection is free is not sent.
row_overload() { with bench overload 2 2000 "$seconds"; }
row_overload_10x() { with bench overload 10 4000 "${overload_seconds:-60}"; }
# overload TIMES CONNECTIONS SECONDS
overload() {
  local most unloaded polite rude reconnecting
  most=$(capacity)
  unloaded=$(http bench --connections 256 --entities "$accounts" --rate $((most / 20 + 1)) --seconds $((seconds * 2)) --after-refusal insist)
  polite=$(flood "$most" "$@" rest)
  rude=$(flood "$most" "$@" insist)
  reconnecting=$(flood "$most" "$@" reconnect)
  jq -n --argjson capacity "$most" --argjson unloaded "$unloaded" --argjson polite "$polite" --argjson rude "$rude" \
    --argjson reconnecting "$reconnecting" -f "$here/report/overload.jq"
}

# flood CAPACITY TIMES CONNECTIONS SECONDS AFTER_REFUSAL
flood() {
  http bench --connections "$3" --entities "$accounts" --rate $(($1 * $2)) --seconds "$4" --after-refusal "$5"
}

# What a tenant feels of another one that floods the node: a tenth of the capacity, alone and beside ten times the
# capacity from clients that ignore Retry-After.
row_greedy_tenant() { with bench greedy_tenant; }
greedy_tenant() {
  local most alone beside greed
  most=$(capacity)
  alone=$(modest $((most / 10 + 1)))
  http bench --connections 2000 --entities "$accounts" --rate $((most * 10)) --seconds $((warm_up * 2 + seconds + 1)) --warm-up 0 \
    --after-refusal insist >"$work/greed.json" &
  greed=$!
  sleep "$warm_up"
  beside=$(modest $((most / 10 + 1)))
  wait "$greed"
  jq -n --argjson capacity "$most" --argjson alone "$alone" --argjson beside "$beside" --slurpfile greed "$work/greed.json" \
    -f "$here/report/greedy_tenant.jq"
}

# modest RATE
modest() {
  http bench --key "$(cat "$work/bench.modest.key")" --connections 64 --entities 100 --rate "$1" --after-refusal insist
}

# What metering feels of 200 clients who sign in without a pause.
row_sign_ins() { with bench sign_ins; }
sign_ins() {
  local rate alone beside storm
  rate=$(($(capacity) / 4))
  alone=$(http bench --connections 64 --entities "$accounts" --rate $rate)
  "$load" http --port "$(port_of bench)" --path /api/auth/login --connections 200 --after-refusal rest --warm-up 0 \
    --content "$(jq -nc --arg email "$user_email" --arg password "$user_password" '{$email, $password}')" \
    --seconds $((warm_up + seconds + 1)) >"$work/sign_ins.json" &
  storm=$!
  beside=$(http bench --connections 64 --entities "$accounts" --rate $rate)
  wait "$storm"
  jq -n --argjson alone "$alone" --argjson beside "$beside" --slurpfile storm "$work/sign_ins.json" \
    '{figures: {metering_p50_ms: ($beside.latency_us.p50 / 1000), metering_p99_ms: ($beside.latency_us.p99 / 1000),
                metering_p99_ratio: ($beside.latency_us.p99 / $alone.latency_us.p99),
                metering_p50_ratio: ($beside.latency_us.p50 / $alone.latency_us.p50),
                sign_ins_per_second: $storm[0].per_second, sign_in_p99_ms: ($storm[0].latency_us.p99 / 1000)},
      runs: {alone: $alone, beside: $beside, storm: $storm[0]}}'
}

# What metering feels of a hundred purchases a second, of cards that the payment sandbox charges: at half of what is
# possible, and at all of it. The sandbox takes its part of this machine, too.
row_purchases() { with shop with_shop purchases; }
purchases() {
  local rate whole alone beside whole_beside buyers before begun settled took
  whole=$(http shop --connections 256 --entities "$accounts")
  rate=$(($(jq -e '.per_second | select(. > 0) | floor' <<<"$whole") / 2))
  alone=$(http shop --connections 64 --entities "$accounts" --rate $rate)
  "$load" http --port "$(port_of shop)" --key "$(cat "$work/shop.key")" --path /api/credits/purchase --connections 64 \
    --entities "$accounts" --rate 100 --expect 201 --after-refusal rest --warm-up 0 --seconds $((warm_up * 3 + seconds * 2 + 1)) \
    --content '{"entityType":"organization","entityId":"b-@entity","packageId":"small","paymentMethod":"stripe"}' \
    >"$work/shop.purchases.json" &
  buyers=$!
  sleep "$warm_up"
  before=$(settled_purchases)
  begun=${EPOCHREALTIME/./}
  beside=$(http shop --connections 64 --entities "$accounts" --rate $rate)
  whole_beside=$(http shop --connections 256 --entities "$accounts")
  settled=$(($(settled_purchases) - before))
  took=$((${EPOCHREALTIME/./} - begun))
  wait "$buyers"
  jq -n --argjson whole "$whole" --argjson alone "$alone" --argjson beside "$beside" --argjson whole_beside "$whole_beside" \
    --argjson settled "$settled" --argjson took "$took" --slurpfile bought "$work/shop.purchases.json" \
    -f "$here/report/purchases.jq"
}

settled_purchases() { owner shop -c 'SELECT count(*) FROM credit_purchases WHERE completed_at IS NOT NULL'; }

# 200 invitations and 500 look-ups a second while 10,000 wait for their end, which comes within ten minutes, beside metering at half
# of what is possible. All of them within seconds is a test (InvitationExpiryTest): it takes the machine by itself.
row_invitations() { with bench invitations; }
invitations() {
  local rate alone beside creating looking
  rate=$(($(capacity) / 2))
  make_tokens 500 || return 1
  alone=$(http bench --connections 64 --entities "$accounts" --rate $rate)
  let_invitations_end 10000 600 || return 1
  inviting beside --connections 64 --rate 200 --warm-up "$warm_up" --seconds $((seconds + 1)) >"$work/creating.json" &
  creating=$!
  looking_up --connections 64 --rate 500 --warm-up "$warm_up" --seconds $((seconds + 1)) >"$work/looking.json" &
  looking=$!
  beside=$(http bench --connections 64 --entities "$accounts" --rate $rate)
  wait "$creating"
  wait "$looking"
  jq -n --argjson alone "$alone" --argjson beside "$beside" --slurpfile creating "$work/creating.json" \
    --slurpfile looking "$work/looking.json" --argjson late "$(lateness_of_ends)" -f "$here/report/invitations.jq"
}

# inviting NAME [FLAG...]: each somebody else; the name tells runs apart.
inviting() {
  http bench --path /api/invitations --expect 201 --entities "$accounts" --content "$(jq -nc --arg email "$1-${EPOCHREALTIME/./}-@request_key@bench.example" \
    '{$email, firstName: "Ann", entityAssignments: [{entityType: "organization", entityId: "b-@entity", role: "viewer"}]}')" "${@:2}"
}

# make_tokens N: of as many invitations.
make_tokens() {
  inviting looked --connections 8 --limit "$1" --warm-up 0 --seconds 60 --answers "$work/bench.invitations" >"$work/making.json" &&
    jq -r .invitationToken "$work/bench.invitations" >"$work/bench.tokens" && [ -s "$work/bench.tokens" ]
}

looking_up() {
  "$load" http --port "$(port_of bench)" --path /api/invitations/lookup --content '{"token":"@value"}' --values "$work/bench.tokens" "$@"
}

# let_invitations_end N SECONDS: as many that end one after the other within that time.
let_invitations_end() {
  owner bench -v tenant=bench -v count="$1" -v seconds="$2" -f "$here/sql/invitations.sql" >>"$logs/bench.log" 2>&1
}

# How late it was recorded that they ended, once it was.
lateness_of_ends() {
  local i found
  for ((i = 0; i < 100; i++)); do
    found=$(owner bench -f "$here/sql/ended.sql")
    if jq -e .all <<<"$found" >/dev/null; then break; fi
    sleep 0.1
  done
  echo "$found"
}

# --- accounts and restarts -------------------------------------------------------------------------------------------

# What an account costs in memory once it has been used. Buffers are warm before; a second spend on each account adds
# to the shared key window only, so that is taken off. Free pages go back at once, or what a burst left behind for a
# while would count as the accounts'.
row_memory() { with big with_big memory MALLOC_CONF=dirty_decay_ms:0,muzzy_decay_ms:0; }
memory() {
  local zero once twice
  http big --connections 64 --entities 100 --limit "$memory_accounts" --warm-up 0 --seconds 60 >/dev/null
  settle
  zero=$(resident big)
  touch_all big "$memory_accounts" >/dev/null
  settle
  once=$(resident big)
  touch_all big "$memory_accounts" >/dev/null
  settle
  twice=$(resident big)
  jq -n --argjson zero "$zero" --argjson once "$once" --argjson twice "$twice" --argjson n "$memory_accounts" \
    '{figures: {account_bytes: ((2 * $once - $zero - $twice) / $n), account_and_key_bytes: (($once - $zero) / $n),
                resident_mib: ($twice / 1048576)}}'
}

# Killed under load; from the start of the process to /readyz, and to the first answer.
row_start() { with big with_big start_again; }
start_again() {
  local spender begun ready first
  http big --connections 64 --entities "$big_accounts" --seconds 60 >/dev/null 2>&1 &
  spender=$!
  sleep 1
  stop_service big KILL
  wait "$spender" || true # it lost its connections
  begun=${EPOCHREALTIME/./}
  launch big
  ready=$(await_ready big)
  first=$(http big --connections 1 --entities "$big_accounts" --limit 1 --warm-up 0 --seconds 10)
  jq -n --argjson took "$((ready - begun))" --argjson first "$first" \
    '{figures: {ready_ms: ($took / 1000), first_spend_ms: ($first.latency_us.max / 1000)}}'
}

# Every account falls asleep and is woken again: speed, and memory that does not come back.
row_passivation() { with big with_big passivation TESSERA_ACCOUNTS_IDLE_PASSIVATION_SECONDS=1; }
passivation() {
  local once twice woken
  fall_asleep >/dev/null
  fall_asleep >/dev/null
  once=$(resident big)
  woken=$(fall_asleep)
  twice=$(resident big)
  jq -n --argjson once "$once" --argjson twice "$twice" --argjson woken "$woken" --argjson n "$big_accounts" \
    '{figures: {woken_per_second: $woken.per_second, woken_p99_ms: ($woken.latency_us.p99 / 1000),
                left_bytes_per_cycle: (($twice - $once) / $n), resident_asleep_mib: ($twice / 1048576)}}'
}

fall_asleep() {
  touch_all big "$big_accounts"
  sleep 3
  settle
}

# with_big COMMAND [VARIABLE=VALUE...]: with a fresh service on the big ledger, for the rest of the row's subshell.
with_big() {
  trap 'stop_service big' EXIT
  launch big "${@:2}"
  await_ready big >/dev/null
  "$1"
}

# with_shop COMMAND: with a service that is paid by a payment sandbox, for the rest of the row's subshell. Every account pays
# with the card of its tenant.
with_shop() {
  local sandbox secret=whsec_of_the_bench
  trap 'stop_service shop; stop_sandbox' EXIT
  launch_sandbox
  sandbox=http://127.0.0.1:$(cat "$work/sandbox.port")
  launch shop TESSERA_STRIPE_API_BASE="$sandbox" TESSERA_STRIPE_SECRET_KEY=sk_test_of_the_bench TESSERA_STRIPE_WEBHOOK_SECRET=$secret
  await_ready shop >/dev/null
  curl -sSf --retry 5 -o /dev/null "$sandbox/_sandbox/webhook_endpoints" -d "secret=$secret" \
    -d "url=http://127.0.0.1:$(port_of shop)/webhooks/stripe"
  curl -sSf --retry 5 -o /dev/null "http://127.0.0.1:$(port_of shop)/api/credits/payment-methods" -H 'Content-Type: application/json' \
    -H "Authorization: Bearer $(cat "$work/shop.key")" \
    -d '{"entityType":"tenant","entityId":"bench","paymentMethodId":"pm_card_visa"}'
  touch_all shop "$accounts" >/dev/null
  "$1"
}
