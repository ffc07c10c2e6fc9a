#include "http/routes/directory/user_authority.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace tessera::http {

namespace {

rejection refusal_of(const grant_refusal& why, const grant& wanted) {
  const auto at = [&] {
    return why.at < wanted.assignments.size()
               ? std::string(to_string(wanted.assignments[why.at].entity->type)) + "/" +
                     std::string(wanted.assignments[why.at].entity->id)
               : std::string();
  };
  switch (why.flaw) {
  case grant_flaw::role_not_grantable: return {errc::insufficient_role, "The role is not yours to give."};
  case grant_flaw::entity_out_of_scope: return {errc::entity_out_of_scope, at()};
  case grant_flaw::application_forbidden: return {errc::application_forbidden};
  case grant_flaw::exceeds_granter: return {errc::insufficient_role, "It is more than you have yourself."};
  case grant_flaw::unknown_application: return {errc::application_unknown};
  case grant_flaw::duplicate_assignment: return {errc::invalid_assignments, at() + " stands twice."};
  case grant_flaw::too_many_assignments: return {errc::invalid_assignments, "At most 100 assignments."};
  case grant_flaw::organization_required:
    return {errc::invalid_assignments, "An organization_admin has an organisation."};
  case grant_flaw::location_required:
    return {errc::invalid_assignments, "A location_manager has a location."};
  case grant_flaw::organization_above_viewer:
    return {errc::invalid_assignments, "A location_manager is viewer of organisations."};
  case grant_flaw::assignment_required: return {errc::invalid_assignments, "A user has an assignment."};
  }
  return {errc::insufficient_role};
}

/// Entities that are newer than the snapshot: they are below nothing that anybody administers but the tenant.
using newer_entities = std::deque<directory_entity>;

/// `at` must live as long as `newer`.
grant grant_of(
    const caller& who,
    user_role role,
    const std::vector<assignment>& at,
    const std::vector<std::string>& of,
    newer_entities& newer
) {
  grant made{role, {}, of};
  for (const auto& each : at) {
    const auto* entity = who.tenant->find(each.account);
    if (!entity) entity = &newer.emplace_back(directory_entity{each.account, each.ref.id, -1, each.ref.type});
    made.assignments.push_back({entity, each.role});
  }
  return made;
}

/// Assigned to anything that is the caller's to manage.
bool is_within_reach(const caller& who, const user_view& them) {
  const auto reached = reach_of(who.rights, act::manage_users, *who.tenant);
  return std::any_of(them.assignments.begin(), them.assignments.end(), [&](const assignment& each) {
    const auto* entity = who.tenant->find(each.account);
    return entity && reached.includes(*who.tenant, *entity);
  });
}

} // namespace

rejection judge_present(const caller& who, const user_view& before) {
  if (who.rights.has_whole_tenant()) return {};
  if (!is_within_reach(who, before)) return errc::entity_out_of_scope;
  newer_entities newer;
  const auto present = grant_of(who, before.role, before.assignments, before.applications, newer);
  const auto why = why_not_grant(who.rights, present, *who.tenant);
  if (!why) return {};
  // Which of their assignments it is, is not for somebody to know who may not see it.
  if (why->flaw == grant_flaw::entity_out_of_scope) return errc::entity_out_of_scope;
  return refusal_of(*why, present);
}

rejection judge_edit(const caller& who, const user_view& before, const tessera::edit_user& command) {
  if (auto why = judge_present(who, before); why.code != errc::ok) return why;
  if (!command.role && !command.assignments && !command.applications) return {}; // nothing is given
  newer_entities newer;
  auto wanted = grant_of(
      who,
      command.role.value_or(before.role),
      command.assignments ? *command.assignments : before.assignments,
      command.applications ? *command.applications : before.applications,
      newer
  );
  if (const auto why = why_not_grant(who.rights, wanted, *who.tenant)) return refusal_of(*why, wanted);
  if (!command.applications) wanted.applications.clear(); // they are there, be it only since a moment
  if (const auto why = why_not_coherent(wanted, *who.tenant)) return refusal_of(*why, wanted);
  return {};
}

} // namespace tessera::http
