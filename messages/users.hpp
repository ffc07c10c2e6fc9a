#pragma once

#include "messages/access.hpp"
#include "messages/changes.hpp"
#include "messages/types/entity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Users as people manage them; what the hot path sees of one is `directory_user` in access.hpp.
namespace tessera {

/// An entity that a user is assigned to.
struct assignment {
  account_id account;
  entity_ref ref;
  entity_role role = entity_role::viewer;

  friend bool operator==(const assignment&, const assignment&) = default;
};

struct user_view {
  std::string id;
  std::string email;
  std::string first_name;
  std::string last_name;
  user_role role = user_role::user;
  bool active = true;
  std::vector<assignment> assignments;
  std::vector<std::string> applications;
  std::string timezone; // empty: none said
  std::string language;
  bool email_verified = false;
  time_point created_at;
  std::int64_t version = 1;
};

/// A user with a role of their own; how people without one come in is told by invitations.
struct new_user {
  std::string id;
  std::string email;
  std::string email_key; // what is compared, see migration 0014
  std::string first_name;
  std::string last_name;
  user_role role = user_role::user;
  std::string password_hash; // PHC string; empty: none
};

/// Answered by result<user_view>. Rejections: user_unknown.
struct user_query {
  tenant_id tenant;
  visible_part part; // users with an assignment in it
  std::string id;
};
struct list_users {
  tenant_id tenant;
  visible_part part;
  std::optional<user_role> role;
  std::optional<bool> active;
  int limit = 50;
  std::optional<std::string> after;
};
struct user_page {
  std::vector<user_view> users;
  bool more = false;
};

/// What is absent stays; lists replace what was. A change of role or status ends the user's access tokens,
/// and who is disabled has no session left. Makes a user_view. Rejections: user_unknown, precondition_failed,
/// last_tenant_admin, entity_unknown, application_unknown, approval_required, seat_limit_reached, and what
/// `judge` says.
struct edit_user {
  tenant_id tenant;
  visible_part part;
  std::string id;
  std::optional<user_role> role;
  std::optional<std::vector<assignment>> assignments;
  std::optional<std::vector<std::string>> applications;
  std::optional<bool> active;
  seen_versions only_versions;
  judgement<user_view> judge; // of the user as they are
  change_origin origin;
};

/// Makes a user_removed. Rejections: user_unknown, precondition_failed, last_tenant_admin, and what `judge`
/// says.
struct remove_user {
  tenant_id tenant;
  visible_part part;
  std::string id;
  seen_versions only_versions;
  judgement<user_view> judge;
  change_origin origin;
};
struct user_removed {
  std::string id;
};

} // namespace tessera
