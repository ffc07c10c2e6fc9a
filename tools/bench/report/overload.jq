def ms: . / 1000;
def refused: .refused_us.count;
def growth: (.resident.peak - .resident.before) / 1048576;
{
  figures: {
    capacity: $capacity,
    unloaded_p99_ms: ($unloaded.latency_us.p99 | ms),
    accepted_per_second: $polite.per_second,
    accepted_p99_ms: ($polite.latency_us.p99 | ms),
    accepted_p99_ratio: ($polite.latency_us.p99 / $unloaded.latency_us.p99),
    refused: ($polite | refused),
    unsent: $polite.unsent,
    rude_accepted_per_second: $rude.per_second,
    rude_accepted_p99_ms: ($rude.latency_us.p99 | ms),
    rude_accepted_p99_ratio: ($rude.latency_us.p99 / $unloaded.latency_us.p99),
    rude_refused: ($rude | refused),
    rude_unanswered: $rude.unanswered,
    memory_growth_mib: ([$polite, $rude | growth] | max),
    resident_mib: ($rude.resident.after / 1048576),
    refused_without_retry_after: ($polite.refused_without_retry_after + $rude.refused_without_retry_after),
    other_answers: ([$polite, $rude | .statuses | to_entries[] | select(.key | IN("200", "429", "503") | not) | .value] | add // 0),
    client_late_p99_ms: ([$polite, $rude | .late_us.p99 | ms] | max)
  },
  runs: {unloaded: $unloaded, polite: $polite, rude: $rude}
}
