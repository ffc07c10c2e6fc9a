#include "actors/domain/invitation_authority.hpp"

#include <algorithm>

namespace tessera {

namespace {

std::optional<grant_refusal> refused(grant_flaw flaw, std::size_t at = 0) {
  return grant_refusal{flaw, at};
}

std::optional<grant_refusal>
why_key_may_not(const authority& key, const grant& wanted, const tenant_snapshot& in) {
  if (wanted.role != user_role::user) return refused(grant_flaw::role_not_grantable);
  for (std::size_t i = 0; i < wanted.assignments.size(); ++i)
    if (may(key, act::invite, in, wanted.assignments[i].entity) != verdict::allowed)
      return refused(grant_flaw::entity_out_of_scope, i);
  // An editor spends: who may not can't let others.
  for (std::size_t i = 0; i < wanted.assignments.size(); ++i)
    if (wanted.assignments[i].role == entity_role::editor &&
        may(key, act::spend, in, wanted.assignments[i].entity) != verdict::allowed)
      return refused(grant_flaw::exceeds_granter, i);
  for (std::size_t i = 0; i < wanted.applications.size(); ++i)
    if (!may_use(key, wanted.applications[i])) return refused(grant_flaw::application_forbidden, i);
  return std::nullopt;
}

/// Within what they may do it at; of no entity only for those of the whole tenant.
bool covers_all(const authority& who, act what, const invitation_grant& grants, const tenant_snapshot& in) {
  const auto reached = reach_of(who, what, in);
  if (reached.whole) return true;
  return !grants.assignments.empty() &&
         std::all_of(grants.assignments.begin(), grants.assignments.end(), [&](const assignment& each) {
           const auto* entity = in.find(each.account);
           return entity && reached.includes(in, *entity);
         });
}

} // namespace

std::optional<grant_refusal>
why_not_invite(const authority& inviter, const grant& wanted, const tenant_snapshot& in) {
  if (inviter.key()) return why_key_may_not(inviter, wanted, in);
  return why_not_grant(inviter, wanted, in);
}

std::optional<grant_refusal>
why_not_grantable(const authority& inviter, const grant& wanted, const tenant_snapshot& in) {
  if (auto why = why_not_invite(inviter, wanted, in)) return why;
  return why_not_coherent(wanted, in);
}

principal_kind kind_of(const authority& who) {
  if (who.key()) return principal_kind::api_key;
  return who.user() ? principal_kind::user : principal_kind::operator_key;
}

bool is_inviter(const authority& who, const principal& inviter) {
  if (kind_of(who) != inviter.kind) return false;
  if (who.key()) return who.key()->id == inviter.id;
  return !who.user() || who.user()->id == inviter.id;
}

bool may_see(
    const authority& who, const invitation_grant& grants, const principal& inviter, const tenant_snapshot& in
) {
  return is_inviter(who, inviter) || covers_all(who, act::read_invitations, grants, in);
}

bool may_manage(
    const authority& who, const invitation_grant& grants, const principal& inviter, const tenant_snapshot& in
) {
  if (may(who, act::invite, in, nullptr) != verdict::allowed) return false;
  return is_inviter(who, inviter) || covers_all(who, act::invite, grants, in);
}

bool is_for_application(const invitation_grant& grants, std::string_view application) {
  const auto& of = grants.applications;
  return application.empty() || of.empty() || std::find(of.begin(), of.end(), application) != of.end();
}

} // namespace tessera
