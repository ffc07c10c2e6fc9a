#pragma once

#include "actors/domain/access.hpp"
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
  std::shared_ptr<const tenant_snapshot> tenant; // null: the operator, for what is of no tenant
  authority rights;                              // points into *tenant
  std::string application;                       // empty where the route needs none

  /// How old the directory may be that names are looked up in: a name that it lacks may be a moment old.
  enum class directory_age { any, just_refreshed, unreachable } directory = directory_age::any;

  bool is_operator() const { return rights.is_operator(); }
  /// The entity to which the key is bound; nothing: it is not, or no key calls.
  std::optional<account_id> bound_to() const { return rights.key() ? rights.key()->bound_to : std::nullopt; }
  principal as_principal() const;
};

/// Thrown by find_application and find_entity when the name is not in a directory of any age: the entrance
/// brings the directory up to date and runs the route once more.
struct unknown_name {};

/// What a route does once it knows who calls.
using caller_handler = std::function<void(request&, responder, caller)>;

/// What it means that a name is not in the directory: throws unknown_name, or `otherwise`, or 503 when nobody
/// could look.
problem judge_unknown(const caller& who, problem otherwise);

/// The application of the request: the key's, or X-Application's. A problem when it is missing, unknown, or
/// not the caller's. The operator may leave it out.
std::optional<problem> find_application(const request& request, caller& who);

/// 403 unless the caller may: insufficient_scope of a key, insufficient_role of everybody else,
/// entity_out_of_scope. Null: an act at no entity.
std::optional<problem> why_may_not(const caller& who, act what, const directory_entity* place = nullptr);

/// An entity of the caller's tenant at which the caller may do it, or a problem: 404 entity_unknown, or 403.
struct entity_search {
  const directory_entity* found = nullptr; // in *who.tenant
  std::optional<problem> refused;
};
entity_search find_entity(const caller& who, act what, const entity_ref& ref);

} // namespace tessera::http
