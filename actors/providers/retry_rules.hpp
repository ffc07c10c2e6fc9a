#pragma once

#include "actors/providers/outgoing.hpp"

#include <chrono>
#include <optional>

namespace tessera {

/// How long to wait before the request is sent again; nothing: it is not. After lost connections, 409, 429
/// and 5xx, unless the other side says otherwise (`Stripe-Should-Retry`); never sooner than its
/// `Retry-After`, and not at all when that is more than a minute. Twice as long each time, from 250 ms up to
/// 8 s; `dice` in [0, 1) takes away up to half of it, so that those who failed together do not come back
/// together.
std::optional<std::chrono::milliseconds>
pause_before_next(const outgoing_request& request, const outgoing_outcome& last, double dice);

} // namespace tessera
