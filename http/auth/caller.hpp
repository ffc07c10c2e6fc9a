#pragma once

#include "http/gateway.hpp"
#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"
#include "http/routing/router.hpp"
#include "messages/directory.hpp"
#include "messages/entries.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// Who calls, and for which application.
struct caller {
  std::shared_ptr<const tenant_snapshot> tenant;
  const api_key* key = nullptr; // in *tenant
  std::string application;      // empty where the route needs none

  principal as_principal() const { return {principal_kind::api_key, key->id, application}; }
};

/// What a route does once it knows who calls.
using caller_handler = std::function<void(request&, responder, caller)>;

/// Wraps a route: 401 without a valid key, 403 without the scope. The application is the route's to check,
/// after the syntax of the body (contract 2 `order of checks`): see `find_application`.
handler authenticated(gateway& behind, scope needed, caller_handler handle);

/// The application of the request: the key's, or X-Application's. A problem when it is missing, unknown, or
/// not the key's.
std::optional<problem> find_application(const request& request, caller& who);

/// Finds an entity of the caller's tenant that the caller may touch, and calls `found`; or `refused` with 404
/// entity_unknown, 403 entity_out_of_scope. An entity that is not known is looked for once in the database.
void find_entity(
    gateway& behind,
    caller who,
    entity_ref ref,
    std::function<void(caller, directory_entity)> found,
    std::function<void(problem)> refused
);

} // namespace tessera::http
