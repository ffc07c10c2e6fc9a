def pad($n): tostring | . + (" " * ([$n - length, 0] | max) // "");
def lpad($n): tostring | (" " * ([$n - length, 0] | max) // "") + .;
def digits: if . == null then "-" elif (. | fabs) >= 100 then round | tostring
  elif (. | fabs) >= 10 then (. * 10 | round) / 10 | tostring else (. * 100 | round) / 100 | tostring end;
def span: if . == null then "-" elif .n == 1 then .median | digits
  else "\(.median | digits) [\(.min | digits)-\(.max | digits)]" end;
def milliseconds: if . == null then "-" else .median / 1000 | digits end;
def middle: if . == null then "-" else .median | digits end;

def reason: (if .failed then "FAILED: \(.failed)" else "n/a: \(.na)" end) | gsub("\\s+"; " ") | .[0:120];

def speed_rows: [
  "naive_hot_8", "naive_hot_64", "naive_100k_64", "cte_hot_8", "cte_hot_64", "cte_100k_64", "floor_100", "commit",
  "hello_256", "echo_256", "consume_256", "consume_64", "hot_256", "volatile_256", "batch_100", "open_loop"];

def line($row): .rows[$row] as $r | $r.figures as $f
  | if $r == null then empty
    elif $f.per_second == null then "\($row | pad(14)) \($r | reason)"
    else "\($row | pad(14)) \($f.per_second | span | lpad(24)) \($f.p50_us | milliseconds | lpad(9)) \($f.p99_us | milliseconds | lpad(9))"
      + " \($f.service_us | middle | lpad(9)) \($f.postgres_us | middle | lpad(9)) \($f.client_us | middle | lpad(9)) \($f.wal_bytes | middle | lpad(9))"
      + (if ($f.refused.max // 0) > 0 then "   refused \($f.refused | span)" else "" end) end;

def threads: .rows | to_entries[] | . as {$key, $value}
  | [$value.figures | to_entries[] | select(.key | startswith("thread ")) | select(.value.median >= 0.05)
     | "\(.key[7:]) \(.value.median | digits)"]
  | select(length > 0) | "\($key | pad(14)) \(join(", "))";

def others: .rows | to_entries[] | select(.key | IN("overload", "overload_10x", "greedy_tenant", "memory", "start", "passivation")) | . as {$key, $value}
  | if ($value.figures | length) == 0 then "\($key | pad(14)) \($value | reason)"
    else "\($key | pad(14)) " + ([$value.figures | to_entries[] | "\(.key) \(.value | span)"] | join("\n" + " " * 15)) end;

def ratio: "\(.what | pad(58)) \(.found | span | lpad(24)) \(.must // "" | lpad(7)) \(.goal // "" | lpad(7))  \(.verdict | pad(5))"
  + (if .reaches == "pass" then " goal" else "" end);

"row                      per second          p50 ms    p99 ms svc us/rq  pg us/rq cli us/rq  WAL B/ev",
(. as $all | speed_rows[] | . as $row | $all | line($row)),
([threads] | select(length > 0) | "", "CPU us per request by thread", .[]),
([others] | select(length > 0) | "", .[]),
"", "\("ratio, from rows of the same round: median [min-max]" | pad(58)) \("" | lpad(24))    must    goal",
(.ratios[] | select(.found != null or .must != null) | ratio),
"", (.notes | "\(.rounds) rounds of \(.seconds) s; \(.accounts) accounts, \(.big_accounts) for restarts and memory;\n\(.cores) cores \(.cpu), \(.memory), Linux \(.kernel); PostgreSQL \(.postgres); "
  + "Tessera \(.tessera) \(.commit)\nload average \(.load) before, \(.load_during | span) during, \(.load_at_end) after; \(.at)"
  + (if .settings != "" then "\nwith \(.settings)" else "" end))
