#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/instructions.hpp"

#include <chrono>
#include <vector>

/// What an inbox row asks for beside taking credits in (decision 0040).
namespace tessera {

/// What an escrow waits for may be told late, and be put off: that is no reason to refuse lots.
inline constexpr std::chrono::days escrow_beyond{30};

/// What an instruction writes: perhaps nothing, where there was nothing to take.
struct carried_out {
  decided events;
  std::vector<receive_credits> sent;
  credits fulfilled; // so many credits that were asked for
};

/// Rejects, for good: insufficient_credits, lots_expire_before_invitation, entity_frozen (an escrow),
/// too_many_holds, hold_not_open, capture_exceeds_hold, amount_out_of_range (a debt that is too large).
///
/// - set_aside opens a hold; one for each lot where it is for a dispute, which ends with the lot: it protects
///   nothing (R-C 3.4). An escrow takes only lots that could move now and live for its ttl; it lasts longer
///   by escrow_beyond than they need to.
/// - let_go releases a hold. pay_back takes units out of one for a refund for good, and releases the rest.
/// - move_on sends what an escrow has left of lots that live to another account, all of it whatever is owed.
/// - claw_back lets the named holds go, as far as they are open; then it takes free units, of the named roots
///   first; what is not there is owed (R-C 3.7).
/// - recall sends free units of the named roots to another account, as many as there are.
/// - freeze, unfreeze.
///
/// None of them touches a hold of a spend. What they give back repays what is owed; `fulfilled` counts it all
/// the same.
result<carried_out> decide(const credit_account& account, const instruction& asked, time_point now);

} // namespace tessera
