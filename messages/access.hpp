#pragma once

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may do what where, as the directory keeps it (contract 3, R-I 3.4). What follows from it is decided in
/// actors/domain/access. The numbers are stored, and a higher one is a higher rank.
namespace tessera {

enum class user_role : std::uint8_t {
  user = 1,
  location_manager = 2,   // of the locations assigned to them
  organization_admin = 3, // of the organisations assigned to them and everything below
  tenant_admin = 4,       // of the whole tenant
};
std::string_view to_string(user_role role);
std::optional<user_role> parse_user_role(std::string_view text);

/// Holds for the entity itself only.
enum class entity_role : std::uint8_t { viewer = 1, editor = 2 };
std::string_view to_string(entity_role role);
std::optional<entity_role> parse_entity_role(std::string_view text);

/// One entity that a user is assigned to.
struct membership {
  account_id entity;
  entity_role role = entity_role::viewer;

  friend bool operator==(const membership&, const membership&) = default;
};

/// Somebody at an external issuer who is a user of the tenant.
struct user_identity {
  std::string issuer;
  std::string subject;
  std::string user;
};

/// What a tenant has decided about authority; all off unless it says otherwise (shapes.md).
struct tenant_policies {
  bool manages_credits = false; // its admins may sell packages and give grants
  bool peer_org_admins = false; // an organization_admin may make others
  bool floating_users = false;  // a `user` may be assigned to nothing
};

/// A user of a tenant as the hot path sees them; those who are disabled are absent from the snapshot.
struct directory_user {
  std::string id;
  user_role role = user_role::user;
  std::vector<membership> memberships;
  std::vector<std::string> applications; // a tenant_admin has all of them, named or not
  time_point tokens_from;                // access tokens issued before are refused
};

} // namespace tessera
