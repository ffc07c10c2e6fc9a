#pragma once

#include "actors/domain/access.hpp"

#include <string_view>
#include <vector>

namespace tessera::test {

inline account_id account_numbered(std::uint8_t number) {
  account_id id;
  id.value.bytes[15] = number;
  return id;
}

/// acme ⊃ org-a ⊃ org-a1 ⊃ loc-a1, and beside it acme ⊃ org-b ⊃ loc-b; applications crm and hr.
class access_world {
public:
  access_world() {
    const auto nil = account_id{};
    const std::vector<entity_tree::row> rows{
        {account_numbered(5), entity_type::location, "loc-a1", account_numbered(3)},
        {account_numbered(3), entity_type::organization, "org-a1", account_numbered(2)},
        {account_numbered(1), entity_type::tenant, "acme", nil},
        {account_numbered(2), entity_type::organization, "org-a", account_numbered(1)},
        {account_numbered(4), entity_type::organization, "org-b", account_numbered(1)},
        {account_numbered(6), entity_type::location, "loc-b", account_numbered(4)},
    };
    snapshot.tree = entity_tree(rows);
    snapshot.applications = {"crm", "hr"};
  }

  /// By its id; null: of no entity.
  const directory_entity* at(std::string_view id) const {
    for (const auto& each : snapshot.tree.all())
      if (each.id == id) return &each;
    return nullptr;
  }
  membership member(std::string_view id, entity_role role) const { return {at(id)->account, role}; }

  static directory_user
  user(user_role role, std::vector<membership> memberships, std::vector<std::string> applications = {}) {
    directory_user made;
    made.id = "usr-1";
    made.role = role;
    made.memberships = std::move(memberships);
    made.applications = std::move(applications);
    return made;
  }

  tenant_snapshot snapshot;
};

} // namespace tessera::test
