#pragma once

#include "actors/database/invitation_parts.hpp"
#include "persistence/stores/starter_credits_store.hpp"

#include <optional>
#include <string>
#include <vector>

/// How changes of invitations deal with starter credits (decision 0059); for invitation_*.cpp of this folder
/// only. The source sets them aside first; whoever needs that is told so, and makes the change once more.
namespace tessera {

/// Their entities, so that authority at them can be asked.
std::vector<assignment> places_of(const std::optional<starter_credits>& starter);

/// Whoever gives them now may not; nothing: they may.
std::optional<rejection> why_not_start_now(
    pg::transaction& in,
    const tenant_id& tenant,
    const principal& by,
    const starter_credits& wanted,
    const invitation_grant& grants
);

/// For which invitation they are, and when it ends.
struct starter_wish {
  std::string invitation; // empty: one that is not there yet
  starter_credits what;
  time_point end;
  bool exactly = false; // false: by its hours, so what was asked a moment ago for a sooner end will do
};

/// Has them set aside. What was set aside for an earlier attempt of the same call counts, if it is for the
/// same.
invitation_answer ask_for(
    pg::transaction& in,
    const tenant_id& tenant,
    const starter_wish& wanted,
    const invitation_means& means,
    const std::optional<idempotency_key>& key,
    const change_origin& by
);

/// What was set aside, as the source says: held until the transaction ends. Rejections: overloaded where it
/// has not looked yet, they went back, or they are not for this; and why it set nothing aside.
result<persistence::reservation>
take(pg::transaction& in, const tenant_id& tenant, const inbox_id& id, const starter_wish& wanted);

/// Whether the receiver is there and below the source: else they stay where they are.
bool can_arrive(pg::transaction& in, const tenant_id& tenant, const invitation_view& invitation);

/// They are the invitation's, and nothing was said of what becomes of them.
bool are_reserved(const invitation_view& invitation);

/// Where something is in an inbox now that the invitation is over.
std::vector<account_id> sources_of(const invitation_view& before);

} // namespace tessera
