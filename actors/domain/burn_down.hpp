#pragma once

#include "messages/entries.hpp"
#include "messages/lots.hpp"

#include <string_view>
#include <vector>

namespace tessera {

/// The one order in which lots are spent (R-C 3.3): priority, expiry (never last), application-scoped before
/// unscoped, kind, seq, id. Total, so that a replay spends the same lots.
bool burns_before(const lot& a, const lot& b);

/// True when the lot has reached its end, which is exclusive.
bool is_over(const lot& candidate, time_point now);

/// True when the lot can pay for `application` at `now`: effective, not over, and in scope. An empty
/// application stands for "any".
bool is_eligible(const lot& candidate, std::string_view application, time_point now);

/// Free units of the lots that can pay.
credits free_units(const std::vector<lot>& lots, std::string_view application, time_point now);
/// Units of the slices whose lots can pay.
credits eligible_units(
    const std::vector<lot>& lots,
    const std::vector<slice>& slices,
    std::string_view application,
    time_point now
);

/// Takes `wanted` from the eligible lots, which are in burn order; so are the slices. The caller has checked
/// that they hold enough.
std::vector<slice>
burn_down(const std::vector<lot>& lots, credits wanted, std::string_view application, time_point now);

/// Takes `wanted` of the free units, in the order of the lots, whoever they are for and from when on. They
/// hold enough.
std::vector<slice> take_free(const std::vector<lot>& lots, credits wanted);

} // namespace tessera
