#pragma once

#include "actors/domain/access.hpp"
#include "actors/domain/instructions.hpp"
#include "messages/accounts.hpp"
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

/// The account may be away for so long after an acceptance at the last moment.
inline constexpr std::chrono::hours least_held_beyond_end{24};

/// Until when the hold lasts that was opened for an invitation with that end.
time_point held_until(time_point expires_at);
/// The latest end that an invitation may have with a hold that lasts so long, of lots that live until then;
/// nothing: they live for ever.
time_point latest_end(time_point held_until, std::optional<time_point> lots_until);

/// Why the source set nothing aside that must live until then, with its figures of now: asked for no
/// application, since what moves is of any, as of an allocation.
rejection shortage_of(rejection why, const balance_view& source, time_point until);

} // namespace tessera
