#include "actors/domain/invitation_limits.hpp"

#include <algorithm>
#include <cmath>

namespace tessera {

namespace {

using std::chrono::seconds;

constexpr seconds ten_minutes{600};
constexpr seconds day{86'400};

std::int64_t scaled(double most, double scale) {
  return std::llround(std::clamp(most * scale, 1.0, 1e15));
}

seconds until(const std::optional<time_point>& sent, seconds window, time_point now) {
  if (!sent) return seconds(0);
  return std::max(seconds(0), std::chrono::ceil<seconds>(*sent + window - now));
}

} // namespace

send_limits limits_of_sending(double scale, bool is_young) {
  return {
      {"inviter", scaled(30, scale), ten_minutes},
      {"inviter-day", scaled(100, scale), day},
      {"tenant-day", scaled(is_young ? 100 : 500, scale), day},
      {"recipient", scaled(3, scale), day},
      {"recipient-all", scaled(10, scale), day},
      scaled(1'000, scale)};
}

limit_use use_of(const send_limit& limit, const sent_before& sent, time_point now) {
  limit_use use{limit, std::max<std::int64_t>(limit.most - sent.count, 0), {}};
  use.reset = until(use.left == 0 ? sent.in_the_way : sent.newest, limit.window, now);
  if (use.left == 0) use.reset = std::max(use.reset, seconds(1));
  return use;
}

limit_use use_after(const send_limit& limit, sent_before sent, time_point now) {
  sent.count += 1;
  sent.newest = now;
  if (sent.count == limit.most) sent.in_the_way = sent.oldest.value_or(now);
  return use_of(limit, sent, now);
}

} // namespace tessera
