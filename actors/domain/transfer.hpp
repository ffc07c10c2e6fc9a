#pragma once

#include "messages/accounts.hpp"

#include <optional>
#include <vector>

/// What leaves one account and arrives at another. Whatever way it goes, a lot keeps its root and its terms:
/// moving never changes a lifetime (R-C 3.5).
namespace tessera {

/// The sum of the amounts; nothing when it is above credits::limit.
std::optional<credits> units_in(const std::vector<lot>& lots);

/// The lot as which `units` of `source` travel in the row `carried_by`, at place `position` of it. Its id
/// derives from the row's, so that a repetition meets the same one.
lot travelling(const lot& source, credits units, const inbox_id& carried_by, std::size_t position);

/// What sends a leg back that its receiver can't take in. Its id derives from the leg's.
receive_credits bounce_of(const receive_credits& leg);

} // namespace tessera
