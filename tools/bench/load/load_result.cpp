#include "tools/bench/load/load_result.hpp"

namespace tessera::bench {

namespace {

double per_second(std::uint64_t count, std::chrono::nanoseconds window) {
  return window.count() == 0 ? 0 : static_cast<double>(count) * 1e9 / static_cast<double>(window.count());
}

json_line render(const resident_memory& memory) {
  json_line out;
  return out.add("before", memory.before).add("peak", memory.peak).add("after", memory.after);
}

json_line render(const std::map<int, std::uint64_t>& statuses) {
  json_line out;
  for (const auto& [status, count] : statuses)
    out.add(std::to_string(status), count);
  return out;
}

} // namespace

json_line render(const histogram& durations) {
  const auto us = [](std::chrono::nanoseconds d) { return static_cast<double>(d.count()) / 1e3; };
  json_line out;
  out.add("count", durations.count());
  out.add("p50", us(durations.percentile(0.5))).add("p90", us(durations.percentile(0.9)));
  out.add("p99", us(durations.percentile(0.99))).add("p999", us(durations.percentile(0.999)));
  return out.add("max", us(durations.longest()));
}

json_line render(const load_result& result) {
  const auto events = (result.accepted.count() - result.unanswered) * result.batch;
  json_line out;
  out.add("mode", result.mode).add("connections", result.connections);
  out.add("seconds", static_cast<double>(result.window.count()) / 1e9);
  out.add("per_second", per_second(events, result.window));
  out.add("offered_per_second", per_second(result.offered * result.batch, result.window));
  out.add("statuses", render(result.statuses));
  out.add("latency_us", render(result.accepted)).add("refused_us", render(result.refused));
  out.add("refused_without_retry_after", result.refused_without_retry_after);
  out.add("unsent", result.unsent).add("unanswered", result.unanswered).add("broken", result.broken);
  out.add("late_us", render(result.late));
  out.add("cpu_us", render_per_request(result.used, result.answered_while_used));
  out.add("resident", render(result.resident));
  out.add("total_events", result.total_accepted * result.batch).add("total_answered", result.total_answered);
  return out.add("unexpected", std::string_view(result.unexpected));
}

} // namespace tessera::bench
