#include "actors/domain/access.hpp"

#include <algorithm>

namespace tessera {

namespace {

using enum user_role;

constexpr std::size_t most_assignments = 100;

/// Rule 2. A key has no role, so it gives none.
bool may_give(const authority& granter, user_role role, const tenant_policies& policies) {
  if (granter.has_whole_tenant()) return true;
  if (!granter.user()) return false;
  switch (granter.user()->role) {
  case tenant_admin: return true;
  case organization_admin:
    return role < organization_admin || (role == organization_admin && policies.peer_org_admins);
  case location_manager: return role == user;
  case user: break;
  }
  return false;
}

/// Rule 3: inside of what the granter administers; being somebody there is not enough.
bool administers(const authority& granter, const tenant_snapshot& in, const directory_entity& place) {
  return may(granter, act::manage_users, in, &place) == verdict::allowed;
}

directory_user user_with(const grant& given) {
  directory_user made;
  made.role = given.role;
  made.applications = given.applications;
  for (const auto& each : given.assignments)
    made.memberships.push_back({each.entity->account, each.role});
  return made;
}

/// Rule 9: no act anywhere that the granter may not do there. Below an assignment nobody may more than at it.
bool exceeds(const grant& wanted, const authority& granter, const tenant_snapshot& in) {
  if (granter.is_operator()) return false;
  const auto made = user_with(wanted);
  const auto acts = all_acts();
  const auto gains = [&](const directory_entity* place) {
    return std::any_of(acts.begin(), acts.end(), [&](act what) {
      return may(authority::of(made), what, in, place) == verdict::allowed &&
             may(granter, what, in, place) != verdict::allowed;
    });
  };
  if (gains(nullptr) || (in.tree.root() && gains(in.tree.root()))) return true;
  return std::any_of(
      wanted.assignments.begin(),
      wanted.assignments.end(),
      [&](const grant::assignment& each) { return gains(each.entity); }
  );
}

std::optional<grant_refusal> flawed(bool is, grant_flaw flaw, std::size_t at = 0) {
  return is ? std::optional(grant_refusal{flaw, at}) : std::nullopt;
}

bool stands_before(const grant& wanted, std::size_t at) {
  const auto here = wanted.assignments.begin() + static_cast<std::ptrdiff_t>(at);
  return std::any_of(wanted.assignments.begin(), here, [&](const grant::assignment& each) {
    return each.entity == here->entity;
  });
}

std::optional<grant_refusal> why_role_does_not_fit(const grant& wanted) {
  const auto& all = wanted.assignments;
  const auto has = [&all](entity_type type) {
    return std::any_of(all.begin(), all.end(), [type](const auto& each) {
      return each.entity->type == type;
    });
  };
  if (wanted.role == organization_admin)
    return flawed(!has(entity_type::organization), grant_flaw::organization_required);
  if (wanted.role != location_manager) return std::nullopt;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].entity->type != entity_type::location && all[i].role > entity_role::viewer)
      return flawed(true, grant_flaw::organization_above_viewer, i);
  return flawed(!has(entity_type::location), grant_flaw::location_required);
}

} // namespace

std::optional<grant_refusal>
why_not_grant(const authority& granter, const grant& wanted, const tenant_snapshot& in) {
  if (!may_give(granter, wanted.role, in.policies)) return flawed(true, grant_flaw::role_not_grantable);
  for (std::size_t i = 0; i < wanted.assignments.size(); ++i)
    if (!administers(granter, in, *wanted.assignments[i].entity))
      return flawed(true, grant_flaw::entity_out_of_scope, i);
  for (std::size_t i = 0; i < wanted.applications.size(); ++i)
    if (!may_use(granter, wanted.applications[i])) return flawed(true, grant_flaw::application_forbidden, i);
  return flawed(exceeds(wanted, granter, in), grant_flaw::exceeds_granter);
}

std::optional<grant_refusal> why_not_coherent(const grant& wanted, const tenant_snapshot& in) {
  for (std::size_t i = 0; i < wanted.applications.size(); ++i)
    if (!in.applications.contains(wanted.applications[i]))
      return flawed(true, grant_flaw::unknown_application, i);
  if (wanted.assignments.size() > most_assignments) return flawed(true, grant_flaw::too_many_assignments);
  for (std::size_t i = 0; i < wanted.assignments.size(); ++i)
    if (stands_before(wanted, i)) return flawed(true, grant_flaw::duplicate_assignment, i);
  if (wanted.role == user && wanted.assignments.empty() && !in.policies.floating_users)
    return flawed(true, grant_flaw::assignment_required);
  return why_role_does_not_fit(wanted);
}

} // namespace tessera
