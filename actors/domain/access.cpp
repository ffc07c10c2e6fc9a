#include "actors/domain/access.hpp"

#include <algorithm>
#include <iterator>

namespace tessera {

namespace {

constexpr std::optional<scope> no_key;
constexpr std::optional<user_role> nobody;
constexpr std::optional<entity_role> no_member;

/// What an act needs. Each column is a way of its own to be allowed.
struct rule {
  act what;
  std::optional<scope> key;          // the scope of a key, at its binding
  std::optional<user_role> admin;    // the least role, at what it covers; `user`: everybody, at no entity
  std::optional<entity_role> member; // the least role at the entity itself
  bool by_operator = true;
};

using enum user_role;
constexpr auto viewer = entity_role::viewer;
constexpr auto editor = entity_role::editor;

// clang-format off
constexpr rule rules[] = {
    // act                    scope of a key            admin role           at the entity  operator
    {act::read_balance,       scope::credits_read,      location_manager,    viewer},
    {act::read_ledger,        scope::credits_read,      location_manager,    viewer},
    {act::spend,              scope::credits_consume,   location_manager,    editor,        false},
    {act::purchase,           scope::credits_purchase,  location_manager,    no_member},
    {act::allocate,           scope::credits_allocate,  organization_admin,  no_member},
    {act::give_back,          scope::credits_allocate,  location_manager,    no_member},
    {act::freeze,             no_key,                   organization_admin,  no_member},
    {act::hold,               scope::credits_hold,      location_manager,    editor,        false},
    {act::settle_holds,       no_key,                   location_manager,    no_member},
    {act::reverse,            scope::credits_reverse,  location_manager,    editor},
    {act::reverse_for_others, no_key,                  location_manager,    no_member},
    {act::grant,              no_key,                  tenant_admin,        no_member}, // by policy
    {act::read_packages,      scope::credits_read,      user,                no_member},
    {act::edit_packages,      no_key,                   tenant_admin,        no_member}, // by policy
    {act::read_directory,     scope::directory_read,    location_manager,    viewer},
    {act::edit_directory,     scope::directory_write,   organization_admin,  no_member},
    {act::read_applications,  scope::directory_read,    user,                no_member},
    {act::edit_applications,  scope::directory_write,   tenant_admin,        no_member},
    {act::read_users,         scope::directory_read,    location_manager,    no_member},
    {act::manage_users,       no_key,                   location_manager,    no_member},
    {act::manage_keys,        no_key,                   organization_admin,  no_member},
    {act::read_tenant,        scope::directory_read,    user,                no_member},
    {act::edit_tenant,        no_key,                   tenant_admin,        no_member},
    {act::manage_tenants,     no_key,                   nobody,              no_member},
    {act::read_self,          no_key,                   user,                no_member,     false},
    {act::read_invitations,   scope::invitations_read,  location_manager,    no_member},
    {act::invite,             scope::invitations_write, location_manager,    no_member},
    {act::refund,             no_key,                   tenant_admin,        no_member}, // by policy
    {act::settle_purchases,   no_key,                   nobody,              no_member},
};
// clang-format on

constexpr bool each_stands_at_its_number() {
  for (std::size_t i = 0; i < std::size(rules); ++i)
    if (static_cast<std::size_t>(rules[i].what) != i) return false;
  return true;
}
static_assert(
    each_stands_at_its_number() && std::size(rules) == static_cast<std::size_t>(act::settle_purchases) + 1
);

const rule& rule_of(act what) {
  return rules[static_cast<std::size_t>(what)];
}

/// A tenant's admins sell packages and grant credits where the tenant's policy says so (contract 4).
bool policy_allows(act what, const tenant_snapshot& in) {
  const bool is_the_sellers = what == act::edit_packages || what == act::grant || what == act::refund;
  return !is_the_sellers || in.policies.manages_credits;
}

const membership* membership_at(const directory_user& who, const account_id& entity) {
  const auto found = std::find_if(who.memberships.begin(), who.memberships.end(), [&](const membership& m) {
    return m.entity == entity;
  });
  return found == who.memberships.end() ? nullptr : &*found;
}

/// True when the user's admin role reaches the place (R-I 3.4, first paragraph).
bool covers(const directory_user& who, const tenant_snapshot& in, const directory_entity& place) {
  switch (who.role) {
  case tenant_admin: return true;
  case organization_admin:
    for (const auto* at = &place; at; at = in.tree.parent_of(*at))
      if (at->type == entity_type::organization && membership_at(who, at->account)) return true;
    return false;
  case location_manager:
    return place.type == entity_type::location && membership_at(who, place.account) != nullptr;
  case user: break;
  }
  return false;
}

verdict
judge(const api_key& who, const rule& needs, const tenant_snapshot& in, const directory_entity* place) {
  if (!needs.key || !who.may(*needs.key)) return verdict::forbidden;
  const bool outside = place && who.bound_to && !in.covers(*who.bound_to, *place);
  return outside ? verdict::out_of_scope : verdict::allowed;
}

bool may_somewhere(const directory_user& who, const rule& needs) {
  if (needs.admin && who.role >= *needs.admin) return true;
  return needs.member &&
         std::any_of(who.memberships.begin(), who.memberships.end(), [&](const membership& m) {
           return m.role >= *needs.member;
         });
}

verdict judge(
    const directory_user& who, const rule& needs, const tenant_snapshot& in, const directory_entity* place
) {
  if (!policy_allows(needs.what, in)) return verdict::forbidden;
  if (!place) return may_somewhere(who, needs) ? verdict::allowed : verdict::forbidden;
  const bool is_covered = covers(who, in, *place);
  if (is_covered && needs.admin && who.role >= *needs.admin) return verdict::allowed;
  const auto* here = membership_at(who, place->account);
  if (here && needs.member && here->role >= *needs.member) return verdict::allowed;
  return is_covered || here ? verdict::forbidden : verdict::out_of_scope;
}

/// The entities where a user may by what they are there, with all below that an admin role covers.
tree_parts parts_of(const directory_user& who, const rule& needs, const tenant_snapshot& in) {
  tree_parts parts;
  for (const auto& each : who.memberships) {
    const auto* entity = in.find(each.entity);
    if (!entity || judge(who, needs, in, entity) != verdict::allowed) continue;
    const bool below = who.role == organization_admin && entity->type == entity_type::organization &&
                       needs.admin && who.role >= *needs.admin;
    parts.push_back({each.entity, below});
  }
  return parts;
}

/// Leaves out what lies in another part. No entity is assigned twice.
void drop_covered(tree_parts& parts, const tenant_snapshot& in) {
  const auto all = parts;
  std::erase_if(parts, [&](const tree_part& each) {
    const auto* entity = in.find(each.root);
    return std::any_of(all.begin(), all.end(), [&](const tree_part& other) {
      return other.root != each.root && other.descendants && in.covers(other.root, *entity);
    });
  });
}

} // namespace

std::vector<act> all_acts() {
  std::vector<act> all;
  for (const auto& each : rules)
    all.push_back(each.what);
  return all;
}

verdict may(const authority& who, act what, const tenant_snapshot& in, const directory_entity* place) {
  const auto& needs = rule_of(what);
  if (who.key()) return judge(*who.key(), needs, in, place);
  if (who.user()) return judge(*who.user(), needs, in, place);
  return needs.by_operator ? verdict::allowed : verdict::forbidden;
}

bool is_of_no_tenant(act what) {
  return what == act::manage_tenants;
}

std::optional<scope> scope_of(act what) {
  return rule_of(what).key;
}

bool may_use(const authority& who, std::string_view application) {
  if (who.key()) return who.key()->application.empty() || who.key()->application == application;
  if (who.has_whole_tenant()) return true;
  const auto& own = who.user()->applications;
  return std::find(own.begin(), own.end(), application) != own.end();
}

bool reach::includes(const tenant_snapshot& in, const directory_entity& place) const {
  return whole || std::any_of(parts.begin(), parts.end(), [&](const tree_part& part) {
           return part.root == place.account || (part.descendants && in.covers(part.root, place));
         });
}

reach reach_of(const authority& who, act what, const tenant_snapshot& in) {
  if (may(who, what, in, nullptr) != verdict::allowed) return {};
  if (who.key() && who.key()->bound_to) return {false, {{*who.key()->bound_to, true}}};
  if (who.key() || who.has_whole_tenant()) return {true, {}};
  reach found{false, parts_of(*who.user(), rule_of(what), in)};
  drop_covered(found.parts, in);
  return found;
}

reach reach_below(const authority& who, act what, const tenant_snapshot& in, const directory_entity& place) {
  const auto all = reach_of(who, what, in);
  const auto has_all_below = [&](const tree_part& part) {
    return part.descendants && in.covers(part.root, place);
  };
  if (all.whole || std::any_of(all.parts.begin(), all.parts.end(), has_all_below))
    return {false, {{place.account, true}}};
  reach below;
  for (const auto& part : all.parts)
    if (const auto* root = in.find(part.root); root && in.covers(place.account, *root))
      below.parts.push_back(part);
  return below;
}

} // namespace tessera
