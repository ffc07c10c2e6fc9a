def short: if . >= 100 then round else (. * 100 | round) / 100 end | tostring;
def one_line: gsub("\\s+"; " ");

.row + "  " +
if .na then "n/a: \(.na | one_line)"
elif .failed then "FAILED: \(.failed | one_line)"
elif .figures then [.figures | to_entries[] | "\(.key) \(.value | if . == null then "-" else short end)"] | join(", ")
else "\(.per_second | short)/s, p50 \(.latency_us.p50 / 1000 | short) ms, p99 \(.latency_us.p99 / 1000 | short) ms" end
