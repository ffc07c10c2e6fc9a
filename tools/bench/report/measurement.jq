# One measurement as it is kept: what the row printed, with the common fields.
def answered: .latency_us.count - (.unanswered // 0);
def checked:
  if has("na") or has("failed") or has("figures") then .
  elif answered > 0 then .
  else {na: "nothing was answered as expected: \(.statuses // {} | tojson) \(.unexpected // "")"} end;
checked
+ {round: $round, row: $row, load: $load}
+ if (.total_events // 0) > 0 then {wal_bytes_per_event: ($wal / .total_events)} else {} end
