# What inviting and metering feel of each other.
{figures: {metering_kept: ($beside.per_second / $alone.per_second),
           metering_p99_ratio: ($beside.latency_us.p99 / $alone.latency_us.p99),
           creates_per_second: $creating[0].per_second, create_p99_ms: ($creating[0].latency_us.p99 / 1000),
           lookups_per_second: $looking[0].per_second, lookup_p99_ms: ($looking[0].latency_us.p99 / 1000),
           end_p50_ms: $late.p50_ms, end_p99_ms: $late.p99_ms,
           ends_early_or_missing: ($late.early + (if $late.all then 0 else 1 end))},
 runs: {alone: $alone, beside: $beside, creating: $creating[0], looking: $looking[0]}}
