#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// The routes of the directory: entities, applications, the tree, keys, people and tenants.
namespace tessera::http {

caller_handler create_location(service& with);
caller_handler create_organization(service& with);
caller_handler organizations(service& with);
caller_handler locations(service& with);
caller_handler one_organization(service& with);
caller_handler one_location(service& with);
caller_handler edit_organization(service& with);
caller_handler edit_location(service& with);
caller_handler delete_organization(service& with);
caller_handler delete_location(service& with);

caller_handler create_application(service& with);
caller_handler applications(service& with);
caller_handler one_application(service& with);
caller_handler edit_application(service& with);
caller_handler delete_application(service& with);

caller_handler whole_directory(service& with);
caller_handler upsert_directory(service& with);

caller_handler create_api_key(service& with);
caller_handler api_keys(service& with);
caller_handler one_api_key(service& with);
caller_handler edit_api_key(service& with);
caller_handler revoke_api_key(service& with);

caller_handler users(service& with);
caller_handler one_user(service& with);
caller_handler edit_user(service& with);
caller_handler remove_user(service& with);

/// The caller's own.
caller_handler own_tenant(service& with);
caller_handler edit_own_tenant(service& with);
/// The operator's.
caller_handler create_tenant(service& with);
caller_handler tenants(service& with);
caller_handler one_tenant(service& with);
caller_handler edit_tenant(service& with);

} // namespace tessera::http
