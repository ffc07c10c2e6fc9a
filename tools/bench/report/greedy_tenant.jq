def ms: . / 1000;
def served: (.statuses["200"] // 0) / ([.statuses[]] | add // 1);
{
  figures: {
    capacity: $capacity,
    alone_p99_ms: ($alone.latency_us.p99 | ms),
    beside_p50_ms: ($beside.latency_us.p50 | ms),
    beside_p99_ms: ($beside.latency_us.p99 | ms),
    beside_p99_ratio: ($beside.latency_us.p99 / $alone.latency_us.p99),
    served_alone: ($alone | served),
    served_beside: ($beside | served),
    unsent_beside: $beside.unsent,
    greedy_per_second: $greed[0].per_second,
    greedy_refused: $greed[0].refused_us.count
  },
  runs: {alone: $alone, beside: $beside, greed: $greed[0]}
}
