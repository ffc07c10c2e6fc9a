#pragma once

#include "messages/users.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <vector>

/// Somebody new, as the operator makes them. Inside a transaction of the tenant; throws pg::error when the
/// database fails.
namespace tessera::persistence {

struct user_with_access {
  tessera::new_user user;
  std::vector<membership> memberships;
  std::vector<std::string> applications;
};

/// id_taken when the tenant has a user of the id or the address; application_unknown.
errc create_user_with_access(pg::transaction& in, const tenant_id& tenant, const user_with_access& made);

/// For whoever has the address: another password, with which all of their tokens and sessions are over. The
/// user's id; empty when there is nobody.
std::string set_password(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& email_key,
    const std::string& password_hash
);

} // namespace tessera::persistence
