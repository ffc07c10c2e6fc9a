#include "actors/domain/starter_credits.hpp"

#include "actors/domain/burn_down.hpp"

#include <algorithm>

namespace tessera {

bool is_below(const starter_credits& wanted, const tenant_snapshot& in) {
  const auto* to = in.find(wanted.to);
  return to && wanted.from != wanted.to && in.find(wanted.from) && in.covers(wanted.from, *to);
}

std::optional<starter_flaw> why_not_start(
    const authority& inviter,
    const starter_credits& wanted,
    const invitation_grant& grants,
    const tenant_snapshot& in
) {
  for (const auto& account : {wanted.from, wanted.to}) {
    const auto* place = in.find(account);
    if (!place) return starter_flaw::source_out_of_scope;
    switch (may(inviter, act::allocate, in, place)) {
    case verdict::allowed: continue;
    case verdict::forbidden: return starter_flaw::not_allocatable;
    case verdict::out_of_scope: return starter_flaw::source_out_of_scope;
    }
  }
  if (!is_below(wanted, in)) return starter_flaw::not_in_subtree;
  if (std::ranges::find(grants.assignments, wanted.to, &assignment::account) == grants.assignments.end())
    return starter_flaw::not_assigned;
  return std::nullopt;
}

time_point held_until(time_point expires_at) {
  return expires_at + escrow_beyond;
}

time_point latest_end(time_point held_until, std::optional<time_point> lots_until) {
  const auto end = held_until - least_held_beyond_end;
  return lots_until ? std::min(end, *lots_until) : end;
}

rejection shortage_of(rejection why, const balance_view& source, time_point until) {
  auto lasting = source.lots;
  std::erase_if(lasting, [until](const lot& each) { return each.expires_at && *each.expires_at < until; });
  why.available = source.usable;
  if (why.code == errc::entity_frozen) {
    why.blocker = blocked_by::frozen;
    return why;
  }
  why.blocker = source.now.debt.is_zero() ? blocked_by::balance : blocked_by::debt;
  why.would_allow = free_units(lasting, {}, source.as_of);
  return why;
}

} // namespace tessera
