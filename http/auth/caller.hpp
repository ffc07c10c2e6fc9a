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

/// 404, or 503 when the database could not be asked.
problem unknown_entity(bool reached_database);

/// What a look at the directory gave: the entity, or the problem that the caller gets.
struct entity_search {
  const directory_entity* found = nullptr; // in the tree that was searched
  std::optional<problem> refused;          // 403 entity_out_of_scope
  bool unknown() const { return !found && !refused; }
};
entity_search search(const caller& who, const tenant_snapshot& tree, const entity_ref& ref);

/// Finds an entity of the caller's tenant that the caller may touch: calls `found(who, entity)`, or `refused(problem)`
/// with 404 entity_unknown or 403 entity_out_of_scope. An entity that is not known is looked for once in the database.
template <class Found, class Refused>
void find_entity(gateway& behind, caller who, const entity_ref& ref, Found found, Refused refused) {
  const auto tree = who.tenant;
  auto first = search(who, *tree, ref);
  if (first.found)
    return found(who, *first.found);
  if (first.refused)
    return refused(*first.refused);
  // It may have been created a moment ago.
  behind.refresh_directory(
      std::nullopt,
      [&behind, who = std::move(who), ref, found = std::move(found), refused = std::move(refused)](bool reached) mutable {
        const auto fresh = behind.tenants().find_tenant(who.tenant->tenant);
        auto second = fresh ? search(who, *fresh, ref) : entity_search{};
        if (second.found)
          return found(who, *second.found);
        refused(second.refused ? *second.refused : unknown_entity(reached));
      }
  );
}

} // namespace tessera::http
