#pragma once

#include "messages/access.hpp"
#include "messages/types/errors.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <vector>

/// Somebody new. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

struct new_user {
  std::string id;
  std::string email; // as it was given
  std::string email_key;
  std::string first_name;
  std::string last_name;
  user_role role = user_role::user;
  std::string password_hash; // empty: none
  std::vector<membership> memberships;
  std::vector<std::string> applications;
};

/// id_taken when the tenant has a user of the id or the address; application_unknown.
errc create_user(pg::transaction& in, const tenant_id& tenant, const new_user& user);

/// For whoever has the address: another password, with which all of their tokens and sessions are over. The
/// user's id; empty when there is nobody.
std::string set_password(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& email_key,
    const std::string& password_hash
);

} // namespace tessera::persistence
