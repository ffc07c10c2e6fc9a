#pragma once

#include "messages/notifications.hpp"

#include <chrono>

namespace tessera {

/// When a failed attempt is repeated (R-I 4.2): full jitter, so that what failed together does not come back
/// together.
struct retry_policy {
  std::chrono::milliseconds base{5'000};
  std::chrono::milliseconds cap{3'600'000};
  int most_attempts = 16; // some three hours, seven at most: more than a mail server is away for
};

/// What becomes of a notification by this outcome. `attempts` includes this one; `chance` is from [0, 1).
/// What the provider asks for in Retry-After is the least it waits.
delivery_report
report_of(delivery_outcome outcome, int attempts, double chance, const retry_policy& policy = {});

} // namespace tessera
