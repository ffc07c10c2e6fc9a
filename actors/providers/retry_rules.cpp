#include "actors/providers/retry_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace tessera {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{8'000};
constexpr seconds most_patience{60}; // with a Retry-After

bool may_help(const outgoing_outcome& last) {
  switch (last.failure) {
  case outgoing_failure::none: break;
  case outgoing_failure::not_connected:
  case outgoing_failure::lost:
  case outgoing_failure::timed_out: return true;
  case outgoing_failure::refused_address:
  case outgoing_failure::too_long:
  case outgoing_failure::stopped: return false;
  }
  const auto told = last.answer.header("stripe-should-retry");
  if (told == "true" || told == "false") return told == "true";
  const int status = last.answer.status;
  return status == 409 || status == 429 || status >= 500;
}

/// Seconds; a date is taken for no word at all.
std::optional<seconds> asked_pause(const outgoing_outcome& last) {
  const auto text = last.answer.header("retry-after");
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || count < 0)
    return std::nullopt;
  return seconds(std::min(count, most_patience.count() + 1));
}

} // namespace

std::optional<milliseconds>
pause_before_next(const outgoing_request& request, const outgoing_outcome& last, double dice) {
  if (last.attempts >= request.attempts || !may_help(last)) return std::nullopt;
  const auto doubled = first_pause * (std::int64_t{1} << std::clamp(last.attempts - 1, 0, 10));
  const auto full = std::min(doubled, longest_pause);
  auto pause = full - milliseconds(static_cast<std::int64_t>(static_cast<double>(full.count()) * dice / 2));
  if (const auto asked = asked_pause(last)) {
    if (*asked > most_patience) return std::nullopt;
    pause = std::max<milliseconds>(pause, *asked);
  }
  return pause;
}

} // namespace tessera
