#pragma once

#include "messages/access.hpp"
#include "messages/purchases.hpp"
#include "messages/types/entity.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <vector>

/// What the operator makes directly in the database.
namespace tessera::cli {

struct tenant_request {
  std::string id; // empty: one is made
  std::string name;
  std::string timezone = "UTC";
  std::string currency = "USD";
  std::string plan = "free";
};
struct tenant_made {
  std::string id;
  bool existed = false;
};
/// With `may_exist` an existing tenant is left as it is, else it is an error.
tenant_made create_tenant(pg::connection& session, tenant_request request, bool may_exist);

struct key_request {
  std::string tenant;
  std::string name;
  std::vector<std::string> scopes;
  std::string application;
  std::string entity; // "organization/org-1": the key is bound to it
};
struct key_made {
  std::string key_id;
  std::string key; // shown once
};
key_made create_key(pg::connection& session, const key_request& request);

struct user_request {
  std::string tenant;
  std::string email;
  std::string first_name;
  std::string last_name;
  user_role role = user_role::user;
  std::string password;              // empty: one is made
  std::vector<std::string> entities; // "organization/org-1:editor"; without a role viewer
  std::vector<std::string> applications;
};
struct user_made {
  std::string user_id;
  std::string password; // as it was given or made
};
/// With `may_exist` whoever has the address gets the password, else it is an error.
user_made create_user(pg::connection& session, user_request request, bool may_exist = false);

errc create_package(pg::connection& session, const std::string& tenant, const credit_package& package);
errc create_application(pg::connection& session, const std::string& tenant, const std::string& id);
errc create_entity(
    pg::connection& session,
    const std::string& tenant,
    const entity_ref& ref,
    const std::string& name,
    const entity_ref& parent
);

} // namespace tessera::cli
