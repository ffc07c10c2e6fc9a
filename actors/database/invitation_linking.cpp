// /api/invitation-links: made, read and revoked by those who could invite so.
#include "actors/database/invitation_errand_changes.hpp"
#include "actors/database/invitation_parts.hpp"
#include "actors/support/link_token.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/authority_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/link_store.hpp"

#include <utility>

namespace tessera {

namespace {

constexpr std::int64_t links_at_once = 200; // read, to find those that the caller may see

result<invitation_answer>
create(pg::transaction& in, const create_invitation_link& command, const invitation_means& means) {
  auto link = command.wanted;
  persistence::keep_directory(in, command.tenant);
  const auto own = present_authority::of(in, command.tenant, command.origin.by.by, link.grants);
  if (!own) return errc::insufficient_role;
  if (link.grants.role != user_role::user) // whoever gives more knows to whom (W-42)
    return refused(invitation_flaw::role_not_grantable, "A link gives the role `user`.");
  if (const auto why = own->why_not(link.grants)) return refusal_of(*why, link.grants);
  link.id = "lnk-" + means.new_invitation.substr(4); // after `inv-`
  link.creator = command.origin.by.by;
  link.expires_at = end_of(persistence::now_of(in), command.life_hours);
  const auto token = link_token(*means.secret, link.id);
  persistence::insert_link(in, command.tenant, link, sha256::local()(token));
  const auto made = persistence::find_link(in, command.tenant, link.id);
  return made ? result<invitation_answer>(told(command.word(*made))) : errc::internal;
}

result<invitation_answer> revoke(pg::transaction& in, const revoke_invitation_link& command) {
  if (!persistence::lock_link(in, command.tenant, command.id)) return refused(invitation_flaw::link_unknown);
  persistence::keep_directory(in, command.tenant);
  const auto link = persistence::find_link(in, command.tenant, command.id);
  if (!link || (command.sees && !command.sees(*link))) return refused(invitation_flaw::link_unknown);
  const auto own = present_authority::of(in, command.tenant, command.origin.by.by, link->grants);
  if (!own || !may_manage(own->rights(), link->grants, link->creator, own->rows()))
    return refused(invitation_flaw::not_manageable);
  if (const auto stale = persistence::check_version(command.only_versions, link->version); stale != errc::ok)
    return stale;
  persistence::revoke_link(in, command.tenant, command.id, "revoked");
  // Whoever has leaked it has joined by it, too.
  persistence::cancel_invitations_by(in, command.tenant, command.id, command.origin);
  const auto made = persistence::find_link(in, command.tenant, command.id);
  return made ? result<invitation_answer>(told(command.word(*made))) : errc::internal;
}

invitation_answer found(invitation_findings findings) {
  auto answer = told({});
  answer.found = std::make_shared<const invitation_findings>(std::move(findings));
  return answer;
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const create_invitation_link& command, const invitation_means& means) {
  return once(in, command.tenant, command.key, [&] { return create(in, command, means); });
}

result<invitation_answer>
carry_out(pg::transaction& in, const revoke_invitation_link& command, const invitation_means&) {
  return once(in, command.tenant, command.key, [&] { return revoke(in, command); });
}

result<invitation_answer>
carry_out(pg::transaction& in, const list_invitation_links& query, const invitation_means&) {
  invitation_findings page;
  const auto wanted = static_cast<std::size_t>(query.limit);
  auto after = query.after;
  while (!page.more) {
    auto some = persistence::links_of(in, query.tenant, after, links_at_once);
    for (auto& each : some) {
      after = each.id;
      if (query.sees && !query.sees(each)) continue;
      if ((page.more = page.links.size() == wanted)) break;
      page.links.push_back(std::move(each));
    }
    if (some.size() < static_cast<std::size_t>(links_at_once)) break;
  }
  return found(std::move(page));
}

result<invitation_answer>
carry_out(pg::transaction& in, const invitation_link_query& query, const invitation_means&) {
  auto link = persistence::find_link(in, query.tenant, query.id);
  if (!link || (query.sees && !query.sees(*link))) return refused(invitation_flaw::link_unknown);
  invitation_findings one;
  one.links.push_back(std::move(*link));
  return found(std::move(one));
}

} // namespace tessera
