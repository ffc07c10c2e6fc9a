#pragma once

#include "messages/tenant_snapshot.hpp"
#include "messages/tree_part.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Who may do what where (contract 2 and 3, R-I 3.4; decisions 0024 and 0025): pure, over one tenant's
/// snapshot.
namespace tessera {

/// What can be permitted. What each needs is one row of the table in access.cpp.
enum class act : std::uint8_t {
  // of credits, at an entity
  read_balance,
  read_ledger, // entries, usage, purchases, allocations
  spend,
  purchase,
  allocate,     // and, at whoever gets them, call credits back
  give_back,    // to the entity above
  freeze,       // and unfreeze
  hold,         // and capture and release what one holds
  settle_holds, // of others
  reverse,      // what one spent
  reverse_for_others,
  grant,
  // of packages: the tenant's, at no entity
  read_packages,
  edit_packages,
  // of the directory, at an entity
  read_directory,
  edit_directory,
  // of applications: of the whole tenant
  read_applications,
  edit_applications,
  // of people and keys: at each entity that they are assigned or bound to; of the whole tenant where there is
  // none
  read_users,
  manage_users,
  manage_keys,
  // of the tenant itself
  read_tenant,
  edit_tenant,
  // of no tenant
  manage_tenants,
  // of whoever calls
  read_self,
  // of invitations: as of people
  read_invitations,
  invite,
  // of purchases, at the buyer
  refund,           // give money and credits back
  settle_purchases, // that were paid outside of any provider
};

std::vector<act> all_acts();

/// Whose rights: those of an API key, a user or the operator. Points into the snapshot that it is judged by.
class authority {
public:
  static authority of(const api_key& key) { return authority(&key, nullptr); }
  static authority of(const directory_user& user) { return authority(nullptr, &user); }
  static authority of_operator() { return authority(nullptr, nullptr); }

  const api_key* key() const { return key_; }          // null: no key
  const directory_user* user() const { return user_; } // null: no user
  bool is_operator() const { return !key_ && !user_; }
  /// Those who administer the whole tenant: its tenant_admins and the operator.
  bool has_whole_tenant() const { return !key_ && (!user_ || user_->role == user_role::tenant_admin); }

private:
  authority(const api_key* key, const directory_user* user) : key_(key), user_(user) {}
  const api_key* key_;
  const directory_user* user_;
};

enum class verdict : std::uint8_t {
  allowed,
  forbidden, // the place may be known to them, the act is not theirs: insufficient_scope, insufficient_role
  out_of_scope, // nothing there is theirs: entity_out_of_scope
};

/// `place` is in the snapshot's tree. Null: an act at no entity; of one that has a place, whether there could
/// be any.
verdict may(const authority& who, act what, const tenant_snapshot& in, const directory_entity* place);

/// May be done by the operator without naming a tenant.
bool is_of_no_tenant(act what);
/// The scope that a key needs; nothing: no key may.
std::optional<scope> scope_of(act what);

/// May such a call be made for the application?
bool may_use(const authority& who, std::string_view application);

/// Where somebody may do something: parts of which none covers another.
struct reach {
  bool whole = false; // the tenant; then there are no parts
  tree_parts parts;

  bool includes(const tenant_snapshot& in, const directory_entity& place) const;
};
reach reach_of(const authority& who, act what, const tenant_snapshot& in);
/// What of it lies at the place or below.
reach reach_below(const authority& who, act what, const tenant_snapshot& in, const directory_entity& place);

/// What somebody is to be given: the shapes of a user and of an invitation.
struct grant {
  struct assignment {
    const directory_entity* entity = nullptr; // in the snapshot
    entity_role role = entity_role::viewer;
  };
  user_role role = user_role::user;
  std::vector<assignment> assignments;
  std::vector<std::string> applications;
};

/// Why it can't be given (R-I 3.4), in the order in which reasons are looked for.
enum class grant_flaw : std::uint8_t {
  role_not_grantable,    // 2: 403 insufficient_role
  entity_out_of_scope,   // 3: 403
  application_forbidden, // 6: 403, not the granter's
  exceeds_granter,       // 9: 403 insufficient_role
  unknown_application,   // 6: 422, not the tenant's
  duplicate_assignment,  // 5: 422, as are the next
  too_many_assignments,
  organization_required,
  location_required,
  organization_above_viewer, // of a location_manager
  assignment_required,
};
struct grant_refusal {
  grant_flaw flaw = grant_flaw::role_not_grantable;
  std::size_t at = 0; // of the assignment or the application

  friend bool operator==(const grant_refusal&, const grant_refusal&) = default;
};

/// Rules 2, 3, 6 and 9: what this one may not give. Nothing: they may. Rule 4 follows from 3: an admin role
/// implies editor wherever it covers.
std::optional<grant_refusal>
why_not_grant(const authority& granter, const grant& wanted, const tenant_snapshot& in);
/// Rule 5 and the tenant's part of 6: what nobody can be given. Nothing: it is coherent.
std::optional<grant_refusal> why_not_coherent(const grant& wanted, const tenant_snapshot& in);

} // namespace tessera
