// POST /api/invitations/:id/revoke-access: what one invitation gave is taken back, and nothing else.
#include "actors/database/invitation_errand_changes.hpp"
#include "actors/database/invitation_parts.hpp"
#include "persistence/stores/access_layer_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/user_store.hpp"

#include <algorithm>

namespace tessera {

namespace {

/// Whoever could give it may take it back. What is gone since is nobody's to give.
std::optional<result<invitation_answer>>
why_not_take(pg::transaction& in, const revoke_invitation_access& command, invitation_grant grants) {
  const auto own = present_authority::of(in, command.tenant, command.origin.by.by, grants);
  if (!own) return result<invitation_answer>(errc::insufficient_role);
  const auto& rows = own->rows();
  std::erase_if(grants.assignments, [&](const assignment& each) { return !rows.find(each.account); });
  std::erase_if(grants.applications, [&](const std::string& each) {
    return !rows.applications.contains(each);
  });
  const auto why = why_not_invite(own->rights(), *grant_of(grants, rows), rows);
  return why ? std::optional(refusal_of(*why, grants)) : std::nullopt;
}

result<invitation_answer> revoke(pg::transaction& in, const revoke_invitation_access& command) {
  const auto& tenant = command.tenant;
  persistence::await_directory(in, tenant);
  auto held = manage_invitation(in, tenant, command.id, command.sees, command.origin.by.by);
  if (held.refused) return *held.refused;
  access_revoked made{std::move(*held.invitation), {}, user_role::user, {}};
  const auto& it = made.invitation;
  if (it.status != invitation_status::accepted) return refused(invitation_flaw::not_accepted);
  if (auto why = why_not_take(in, command, it.grants)) return *why;
  if (const auto user = persistence::find_user(in, {tenant, {}, it.accepted_by})) {
    auto taken = persistence::take_access(in, tenant, user->id, it.id);
    if (user->role == user_role::tenant_admin && user->active && taken.role != user->role &&
        !persistence::has_tenant_admin(in, tenant))
      return errc::last_tenant_admin;
    made.user = user->id;
    made.role = taken.role;
    made.changes = std::move(taken.changes);
    persistence::note_change(in, tenant, command.origin.by, "revoke access", "user/" + user->id);
  }
  if (!it.access_revoked_at) {
    persistence::write_access_revoked(in, tenant, it.id);
    persistence::note_activity(in, tenant, it.id, "access_revoked", command.origin);
  }
  auto answer = command.word(made);
  if (!made.user.empty()) answer.about_user = made.user;
  return told(std::move(answer));
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const revoke_invitation_access& command, const invitation_means&) {
  return once(in, command.tenant, command.key, [&] { return revoke(in, command); });
}

} // namespace tessera
