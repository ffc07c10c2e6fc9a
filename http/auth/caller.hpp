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
  const api_key* key = nullptr; // in *tenant; null: the operator
  std::string application;      // empty where the route needs none

  /// How old the directory may be that names are looked up in: a name that it lacks may be a moment old.
  enum class directory_age { any, just_refreshed, unreachable } directory = directory_age::any;

  bool is_operator() const { return key == nullptr; }
  /// The entity to which the key is bound; nothing: it is not, or the operator calls.
  std::optional<account_id> bound_to() const { return key ? key->bound_to : std::nullopt; }
  principal as_principal() const {
    if (!key) return {principal_kind::operator_key, {}, application};
    return {principal_kind::api_key, key->id, application};
  }
};

/// Thrown by find_application and find_entity when the name is not in a directory of any age: `authenticated`
/// brings the directory up to date and runs the route once more.
struct unknown_name {};

/// What a route does once it knows who calls.
using caller_handler = std::function<void(request&, responder, caller)>;

/// Wraps a route: 401 without a valid key, 403 without the scope. The application is the route's to check,
/// after the syntax of the body (contract 2 `order of checks`): see `find_application`.
handler authenticated(gateway& behind, scope needed, caller_handler handle);

/// What it means that a name is not in the directory: throws unknown_name, or `otherwise`, or 503 when nobody
/// could look.
problem judge_unknown(const caller& who, problem otherwise);

/// The application of the request: the key's, or X-Application's. A problem when it is missing, unknown, or
/// not the key's. The operator may leave it out.
std::optional<problem> find_application(const request& request, caller& who);

/// An entity of the caller's tenant that the caller may touch, or a problem: 404 entity_unknown, 403
/// entity_out_of_scope.
struct entity_search {
  const directory_entity* found = nullptr; // in *who.tenant
  std::optional<problem> refused;
};
entity_search find_entity(const caller& who, const entity_ref& ref);

} // namespace tessera::http
