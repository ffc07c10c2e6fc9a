#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

/// How often somebody may do something: the generic cell rate algorithm. Pure; `now` is an argument, of any
/// clock that does not go back.
namespace tessera::http {

/// `most` at once and in each `period`. None: no limit.
struct rate {
  std::int64_t most = 0;
  std::chrono::nanoseconds period{0};

  constexpr bool is_limited() const { return most > 0; }
  constexpr std::int64_t interval_ns() const { return std::max<std::int64_t>(period.count() / most, 1); }
};

struct rate_verdict {
  bool allowed = true;
  std::int64_t remaining = 0;        // could follow at once
  std::chrono::nanoseconds wait{0};  // until the next one is allowed; 0: it is
  std::chrono::nanoseconds whole{0}; // until all are allowed again
};

/// When all would be allowed again ("theoretical arrival time"), in nanoseconds; the past: they are.
using arrival_ns = std::int64_t;

/// Takes one, and moves `arrival` when it was allowed.
constexpr rate_verdict take(arrival_ns& arrival, const rate& limit, std::int64_t now_ns) {
  const auto interval = limit.interval_ns();
  const auto reach = interval * limit.most; // how far ahead of now it may be
  const auto after = std::max(arrival, now_ns) + interval;
  const bool allowed = after - now_ns <= reach;
  if (allowed) arrival = after;
  rate_verdict verdict;
  verdict.allowed = allowed;
  verdict.whole = std::chrono::nanoseconds(std::max<std::int64_t>(arrival - now_ns, 0));
  verdict.remaining = std::max<std::int64_t>((reach - verdict.whole.count()) / interval, 0);
  if (verdict.remaining == 0)
    verdict.wait = std::chrono::nanoseconds(std::max<std::int64_t>(arrival + interval - now_ns - reach, 0));
  return verdict;
}

/// What `take` would say, without taking.
constexpr rate_verdict look(arrival_ns arrival, const rate& limit, std::int64_t now_ns) {
  return take(arrival, limit, now_ns);
}

/// Takes one back that should not have counted.
constexpr void give_back(arrival_ns& arrival, const rate& limit) {
  arrival -= limit.interval_ns();
}

} // namespace tessera::http
