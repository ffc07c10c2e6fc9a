#pragma once

#include "actors/domain/access.hpp"
#include "messages/invitations.hpp"
#include "messages/starter_credits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

/// Rules of credits that come with an invitation (R-I 3.4 rule 7, 5.1; decision 0059). Pure: time is an
/// argument.
namespace tessera {

/// Why they can't be given, in the order in which reasons are looked for.
enum class starter_flaw : std::uint8_t {
  source_out_of_scope, // 403
  not_allocatable,     // 403: there, but not theirs to allocate
  not_in_subtree,      // 403: the receiver is not below the source
  not_assigned,        // 422: the receiver is none of the invitation's entities
};
std::optional<starter_flaw> why_not_start(
    const authority& inviter,
    const starter_credits& wanted,
    const invitation_grant& grants,
    const tenant_snapshot& in
);
/// Whether the receiver is below the source, still.
bool is_below(const starter_credits& wanted, const tenant_snapshot& in);

/// They are set aside for a day longer than the invitation lives: so long may whoever accepts at the last
/// moment have to wait for the account.
inline constexpr std::chrono::hours held_beyond_end{24};
/// When it is prolonged the hold may stay if it lasts for so long beyond its new end.
inline constexpr std::chrono::hours least_held_beyond_end{1};

time_point held_until(time_point expires_at);
bool lasts(time_point held_until, time_point expires_at);
/// The latest end that an invitation may have with that hold.
time_point latest_end(time_point held_until);

} // namespace tessera
