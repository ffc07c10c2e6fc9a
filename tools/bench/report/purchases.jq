# What metering felt of purchases that were settled beside it.
{
  figures: {
    served_ratio: ($beside.per_second / $alone.per_second),
    metering_p50_ratio: ($beside.latency_us.p50 / $alone.latency_us.p50),
    metering_p99_ratio: ($beside.latency_us.p99 / $alone.latency_us.p99),
    metering_p99_ms: ($beside.latency_us.p99 / 1000),
    full_speed_ratio: ($whole_beside.per_second / $whole.per_second),
    settled_per_second: ($settled * 1e6 / $took),
    purchase_p99_ms: ($bought[0].latency_us.p99 / 1000)
  },
  runs: {whole: $whole, alone: $alone, beside: $beside, whole_beside: $whole_beside, bought: $bought[0]}
}
