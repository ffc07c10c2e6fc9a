#pragma once

#include "messages/notifications.hpp"

#include <chrono>
#include <cstdint>

namespace tessera {

/// How an endpoint took what was sent to it.
enum class endpoint_conduct : std::uint8_t {
  prompt,
  slow,   // it took it, after more than `patience_with_endpoints`
  failed, // whatever is sent next would fail as well, or wait as long
};
inline constexpr std::chrono::seconds patience_with_endpoints{5};

/// That it wants no more of this one (410) is an answer like any other.
endpoint_conduct conduct_of(const delivery_outcome& outcome, std::chrono::microseconds took);

/// How long nothing is sent to an endpoint that was slow or failed so many times in a row: twice as long each
/// time from two seconds on, up to an hour; the half of it by chance, from [0, 1), so that what failed
/// together does not come back together. Where it was slow no longer than it took, nor than a minute: it gets
/// at least half of what it could take. No less than it asks for in Retry-After, up to the hour.
std::chrono::milliseconds pause_after(
    endpoint_conduct how,
    std::int64_t troubles,
    double chance,
    const delivery_outcome& outcome,
    std::chrono::microseconds took
);

} // namespace tessera
