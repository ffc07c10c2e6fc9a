#include "actors/domain/endpoint_pause.hpp"

#include <algorithm>

namespace tessera {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{2'000};
constexpr milliseconds longest_pause{3'600'000};
constexpr milliseconds longest_pause_of_slow{60'000};

} // namespace

endpoint_conduct conduct_of(const delivery_outcome& outcome, std::chrono::microseconds took) {
  switch (outcome.failure) {
  case delivery_failure::transient:
  case delivery_failure::ambiguous:
  case delivery_failure::permanent_config: return endpoint_conduct::failed;
  case delivery_failure::none:
  case delivery_failure::permanent_recipient: break;
  }
  return took > patience_with_endpoints ? endpoint_conduct::slow : endpoint_conduct::prompt;
}

milliseconds pause_after(
    endpoint_conduct how,
    std::int64_t troubles,
    double chance,
    const delivery_outcome& outcome,
    std::chrono::microseconds took
) {
  if (how == endpoint_conduct::prompt) return milliseconds{};
  const auto longest = how == endpoint_conduct::slow
                           ? std::min(longest_pause_of_slow, std::chrono::floor<milliseconds>(took))
                           : longest_pause;
  auto most = first_pause;
  for (std::int64_t i = 1; i < troubles && most < longest; ++i)
    most *= 2;
  most = std::min(most, longest);
  const auto half = most / 2;
  const auto pause =
      half + milliseconds(static_cast<std::int64_t>(static_cast<double>(half.count()) * chance));
  const milliseconds asked = outcome.retry_after.value_or(std::chrono::seconds{});
  return std::max(pause, std::min(asked, longest_pause));
}

} // namespace tessera
