// POST /api/invitation-links/lookup and /join: by whoever has the link. What they get is an ordinary
// invitation at the address that they name: whoever has that address accepts it, by the token of the mail.
#include "actors/database/invitation_errand_changes.hpp"
#include "actors/database/invitation_parts.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"
#include "persistence/stores/link_store.hpp"

#include <utility>

namespace tessera {

namespace {

std::optional<invitation_flaw> why_dead(const invitation_link& link) {
  switch (link.state) {
  case link_state::open: break;
  case link_state::used_up: return invitation_flaw::link_used_up;
  case link_state::expired: return invitation_flaw::link_expired;
  case link_state::revoked: return invitation_flaw::link_revoked;
  }
  return std::nullopt;
}

/// On behalf of whoever made the link. Nothing but the mail has a token.
create_invitation
invitation_by(const invitation_link& link, const tenant_id& tenant, const join_by_link& asked) {
  create_invitation command;
  command.tenant = tenant;
  command.email = asked.email;
  command.email_key = asked.email_key;
  command.first_name = asked.first_name;
  command.last_name = asked.last_name;
  command.locale = asked.locale;
  command.grants = link.grants;
  command.link = link.id;
  command.expiry_hours = link.expiry_hours;
  command.limits_scale = asked.limits_scale;
  command.base_url = asked.base_url;
  command.word = [](const invitation_made&) { return kept_answer(); };
  command.origin.by.by = link.creator;
  command.origin.from = asked.origin.from;
  return command;
}

/// What concerns the person is nobody's to know who only has the link (W-36).
bool is_the_persons(invitation_flaw flaw) {
  return flaw == invitation_flaw::already_pending || flaw == invitation_flaw::already_member ||
         flaw == invitation_flaw::self_invitation || flaw == invitation_flaw::too_many_for_recipient;
}

/// Whoever made it can't give this any more.
bool is_of_authority(errc code) {
  return code == errc::insufficient_role || code == errc::entity_out_of_scope ||
         code == errc::application_forbidden || code == errc::application_unknown ||
         code == errc::invalid_assignments;
}
invitation_answer end(pg::transaction& in, const tenant_id& tenant, const std::string& link) {
  persistence::revoke_link(in, tenant, link, "authority_lost");
  return refused(invitation_flaw::link_revoked);
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const preview_invitation_link& query, const invitation_means&) {
  const auto owner = persistence::enter_by_link(in, query.token_sha256);
  if (!owner) return refused(invitation_flaw::link_unknown);
  auto link = persistence::find_link(in, owner->tenant, owner->id);
  if (!link) return refused(invitation_flaw::link_unknown);
  if (const auto dead = why_dead(*link)) return refused(*dead);
  invitation_preview names;
  names.invitation.grants = link->grants;
  names.invitation.inviter = link->creator;
  persistence::read_names(in, owner->tenant, names);
  invitation_findings shown;
  shown.organization = std::move(names.organization);
  shown.entity_names = std::move(names.entity_names);
  shown.application_names = std::move(names.application_names);
  shown.links.push_back(std::move(*link));
  auto answer = told({});
  answer.found = std::make_shared<const invitation_findings>(std::move(shown));
  return answer;
}

result<invitation_answer>
carry_out(pg::transaction& in, const join_by_link& command, const invitation_means& means) {
  const auto owner = persistence::enter_by_link(in, command.token_sha256);
  if (!owner || !persistence::lock_link(in, owner->tenant, owner->id))
    return refused(invitation_flaw::link_unknown);
  const auto& tenant = owner->tenant;
  const auto link = persistence::find_link(in, tenant, owner->id); // as it is after the waiting
  if (!link) return refused(invitation_flaw::link_unknown);
  if (const auto dead = why_dead(*link)) return refused(*dead);
  if (!is_in_domains(command.email_key, link->domains)) return refused(invitation_flaw::domain_not_allowed);
  auto made = carry_out(in, invitation_by(*link, tenant, command), means);
  if (!made) return is_of_authority(made.code()) ? end(in, tenant, link->id) : made;
  if (made->refused) {
    if (is_the_persons(made->refused->flaw)) return told({});
    return made->refused->flaw == invitation_flaw::role_not_grantable ? end(in, tenant, link->id) : made;
  }
  persistence::write_link(in, tenant, means.new_invitation, link->id);
  persistence::note_activity(
      in,
      tenant,
      means.new_invitation,
      "joined_by_link",
      command.origin,
      "{\"linkId\":" + json_text(link->id) + "}"
  );
  return told({});
}

} // namespace tessera
