# All measurements become figures per row (median, least and most over the rounds) and the expected ratios (each from
# two rows of the same round).
def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def spread: map(select(. != null)) | if length == 0 then null else {median: median, min: min, max: max, n: length} end;

def distinct: reduce .[] as $each ([]; if index([$each]) then . else . + [$each] end);

def figures:
  if has("na") or has("failed") then {}
  elif has("figures") then .figures
  else {
    per_second, p50_us: .latency_us.p50, p99_us: .latency_us.p99,
    service_us: .cpu_us.service, postgres_us: .cpu_us.postgres, all_us: (.cpu_us.service + .cpu_us.postgres),
    client_us: .cpu_us.client, wal_bytes: .wal_bytes_per_event,
    refused: (.refused_us.count // 0), late_p99_us: .late_us.p99, offered_per_second
  } + (.cpu_us.threads // {} | with_entries(.key |= "thread " + .)) end;

def summary:
  map(figures) as $found
  | {
      figures: ($found | map(keys_unsorted) | add // [] | distinct
                | map(. as $name | {key: $name, value: ($found | map(.[$name]) | spread)}) | from_entries),
      na: (map(.na // empty) | unique | first), failed: (map(.failed // empty) | unique | first)
    };

def verdict($better): # of a median against a limit
  . as {$median, $limit}
  | if $limit == null then "" elif $median == null then "n/a"
    elif ($better == "higher" and $median >= $limit) or ($better == "lower" and $median <= $limit) then "pass" else "FAIL" end;

def ratio($rounds):
  . as $want
  | [$rounds[] | .[$want.of[0]][$want.of[1]]? as $a
     | if $want.by == null then $a
       else (.[$want.by[0]][$want.by[1]]? as $b | if $a == null or ($b // 0) == 0 then null else $a / $b end) end]
  | spread as $found
  | $want + {found: $found, verdict: ({median: $found.median, limit: $want.must} | verdict($want.better)),
             reaches: ({median: $found.median, limit: $want.goal} | verdict($want.better))};

($measured | group_by(.round) | map(map({key: .row, value: figures}) | from_entries)) as $rounds
| {
    notes: ($notes + {load_during: ($measured | map(.load) | spread)}),
    rows: ($measured | group_by(.row) | map({key: .[0].row, value: summary}) | from_entries),
    ratios: ($expected[0] | map(ratio($rounds))),
    measurements: $measured
  }
