// POST /api/invitations/:id/approve and /reject: a second pair of eyes for what makes a tenant_admin (W-41).
#include "actors/database/invitation_errand_changes.hpp"
#include "actors/database/invitation_parts.hpp"
#include "persistence/stores/authority_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"

namespace tessera {

namespace {

/// Who that is, whatever address they use; empty: nobody of the tenant.
std::string person_of(pg::transaction& in, const tenant_id& tenant, const principal& who) {
  if (who.kind != principal_kind::user) return {};
  const auto user = persistence::find_invitee_by_id(in, tenant, who.id);
  return user ? address_behind_aliases(user->email_key) : std::string();
}

std::optional<result<invitation_answer>>
why_not(pg::transaction& in, const decide_invitation& command, const invitation_view& it) {
  const auto& by = command.origin.by.by;
  const auto invitee = address_behind_aliases(persistence::address_of(in, command.tenant, it.id));
  const auto flaw = why_not_decide(
      {by, person_of(in, command.tenant, by)}, it.inviter, person_of(in, command.tenant, it.inviter), invitee
  );
  if (flaw) return result<invitation_answer>(refused(*flaw));
  const auto own = present_authority::of(in, command.tenant, by, it.grants);
  if (!own) return result<invitation_answer>(errc::insufficient_role);
  const auto why = own->why_not(it.grants);
  return why ? std::optional(refusal_of(*why, it.grants)) : std::nullopt;
}

void approve(
    pg::transaction& in,
    const decide_invitation& command,
    const invitation_view& it,
    const invitation_means& means
) {
  const auto& by = command.origin.by.by;
  const auto approver = by.kind == principal_kind::operator_key ? std::string("operator") : by.id;
  const auto end = end_of(persistence::now_of(in), it.expiry_hours); // it begins now
  persistence::write_approval(in, command.tenant, it.id, approver, end);
  persistence::note_activity(in, command.tenant, it.id, "approved", command.origin);
  send_invitation(in, command.tenant, it, *means.secret, "invitation.created");
}

void reject(pg::transaction& in, const decide_invitation& command, const invitation_view& it) {
  persistence::write_status(in, command.tenant, it.id, invitation_status::cancelled, command.reason);
  persistence::note_activity(
      in, command.tenant, it.id, "rejected", command.origin, "{\"reason\":" + json_text(command.reason) + "}"
  );
  for (const auto* kind : {"invitation.rejected", "invitation.cancelled"})
    persistence::tell(in, command.tenant, it.id, kind, {"none"}, it.generation);
}

result<invitation_answer>
decide(pg::transaction& in, const decide_invitation& command, const invitation_means& means) {
  persistence::keep_directory(in, command.tenant);
  const auto held = manage_invitation(in, command.tenant, command.id, command.sees, command.origin.by.by);
  if (held.refused) return *held.refused;
  const auto& it = *held.invitation;
  const auto event = command.approves ? invitation_event::approve : invitation_event::reject;
  if (!after(it.status, event)) return refused(invitation_flaw::not_waiting);
  if (auto no = why_not(in, command, it)) return *no;
  command.approves ? approve(in, command, it, means) : reject(in, command, it);
  const auto made = persistence::find_invitation(in, command.tenant, it.id);
  return made ? result<invitation_answer>(told(command.word(*made))) : errc::internal;
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const decide_invitation& command, const invitation_means& means) {
  return once(in, command.tenant, command.key, [&] { return decide(in, command, means); });
}

} // namespace tessera
