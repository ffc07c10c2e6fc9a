def ms: . / 1000;
def refused: .refused_us.count;
def growth: (.resident.peak - .resident.before) / 1048576;
def goodput: .per_second / $capacity;
def p99_ratio: .latency_us.p99 / $unloaded.latency_us.p99;
[$polite, $rude, $reconnecting] as $all |
{
  figures: {
    capacity: $capacity,
    unloaded_p99_ms: ($unloaded.latency_us.p99 | ms),
    accepted_per_second: $polite.per_second,
    goodput: ($polite | goodput),
    accepted_p99_ms: ($polite.latency_us.p99 | ms),
    accepted_p99_ratio: ($polite | p99_ratio),
    refused: ($polite | refused),
    unsent: $polite.unsent,
    rude_accepted_per_second: $rude.per_second,
    rude_goodput: ($rude | goodput),
    rude_accepted_p99_ms: ($rude.latency_us.p99 | ms),
    rude_accepted_p99_ratio: ($rude | p99_ratio),
    rude_refused: ($rude | refused),
    rude_unanswered: $rude.unanswered,
    reconnecting_goodput: ($reconnecting | goodput),
    reconnecting_accepted_p99_ms: ($reconnecting.latency_us.p99 | ms),
    reconnecting_refused: ($reconnecting | refused),
    memory_growth_mib: ([$all[] | growth] | max),
    resident_mib: ([$all[] | .resident.peak / 1048576] | max),
    refused_without_retry_after: ([$all[] | .refused_without_retry_after] | add),
    other_answers: ([$all[] | .statuses | to_entries[] | select(.key | IN("200", "429", "503") | not) | .value] | add // 0),
    client_late_p99_ms: ([$all[] | .late_us.p99 | ms] | max)
  },
  runs: {unloaded: $unloaded, polite: $polite, rude: $rude, reconnecting: $reconnecting}
}
