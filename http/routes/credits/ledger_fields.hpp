#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/cursor.hpp"
#include "http/routing/query.hpp"
#include "messages/transactions.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// What `transactions` and `usage` have in common in their queries: `entityType` and `entityId` (both or
/// none), `descendants`, `application`, `from`, `to`.
struct ledger_fields {
  std::optional<std::string_view> entity_type;
  std::optional<std::string_view> entity_id;
  std::optional<std::string_view> application;
  bool descendants = false;
  std::optional<time_point> from; // inclusive
  std::optional<time_point> to;   // exclusive
};
ledger_fields read_ledger_fields(query_reader& query);

/// The entity that is named, or all that the caller may see, and of which applications. A problem: 404 or 403
/// of the entity, 422 or 403 of the application.
struct ledger_scope {
  ledger_part part;
  ledger_applications applications;
  bool entity_level = true; // entries of no application, too
  std::optional<problem> refused;
};
ledger_scope find_ledger_part(const caller& who, const ledger_fields& fields);

/// Where the caller may read the ledger. Nothing: in the whole tenant.
std::optional<tree_parts> readable_parts(const caller& who);
/// The entity, which the caller may read; with what is below it as far as they may read that as well.
tree_parts readable_parts_at(const caller& who, const directory_entity& place, bool descendants);

/// Of a list that is restricted to them.
cursor_purpose& add_parts(cursor_purpose& purpose, const std::optional<tree_parts>& parts);

} // namespace tessera::http
