#pragma once

#include "http/auth/caller.hpp"
#include "http/routing/query.hpp"

#include <optional>

namespace tessera::http {

/// The entity of a path that ends in `:entityType/:entityId`, for routes that read.
struct path_entity {
  entity_ref ref;
  account_id account;
  std::optional<problem> refused;
};

/// Checks in the order of contract 2: the query's encoding, the application, the entity and the authority
/// over it. What the query's parameters say is checked afterwards, by the route.
path_entity find_path_entity(const request& request, caller& who);

} // namespace tessera::http
