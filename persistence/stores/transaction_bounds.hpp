#pragma once

#include "messages/transactions.hpp"

#include <algorithm>

/// What the two ways to a page have in common.
namespace tessera::persistence {

/// When the entries of a page are booked. Nothing: no bound.
struct booked_within {
  std::optional<time_point> least;
  std::optional<time_point> most; // both inclusive
};

/// Filters, cursor and the noted end together. At the very instant of the cursor the account decides as well.
inline booked_within bounds_of(const list_transactions& query) {
  booked_within bounds{query.from, query.newest};
  const auto narrow_most = [&](time_point most) { bounds.most = std::min(bounds.most.value_or(most), most); };
  if (query.to) narrow_most(*query.to - time_point::duration{1});
  if (!query.after) return bounds;
  const auto reached = query.after->booked_at;
  if (query.oldest_first)
    bounds.least = std::max(bounds.least.value_or(reached), reached);
  else
    narrow_most(reached);
  return bounds;
}

/// What is set aside for a refund or a dispute is held and released for no application.
inline bool may_be_entity_level(entry_type type) {
  return !belongs_to_application(type) || type == entry_type::hold || type == entry_type::release;
}

/// Which applications' entries can be of the type asked for ('': entity-level).
inline std::vector<std::string> applications_of(const list_transactions& query) {
  std::vector<std::string> names;
  if (!query.type || belongs_to_application(*query.type)) names = query.applications.named;
  if (query.entity_level && (!query.type || may_be_entity_level(*query.type))) names.emplace_back();
  return names;
}

} // namespace tessera::persistence
