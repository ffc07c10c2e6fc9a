#pragma once

#include "messages/types/time.hpp"
#include "persistence/stores/tree_parts.hpp"

#include <chrono>

/// What the statements that read a part of the ledger have in common.
namespace tessera::persistence {

/// $1, $2 the parts (`add_parts`): their entities as `part (account_id, entity_type, entity_id, below)`, for
/// use behind WITH RECURSIVE.
#define TESSERA_LEDGER_PART                                                                                  \
  "part AS ("                                                                                                \
  " SELECT n.account_id, n.entity_type, n.entity_id, n.account_id = ANY ($2) AS below"                       \
  " FROM entities n WHERE n.account_id = ANY ($1)"                                                           \
  " UNION ALL"                                                                                               \
  " SELECT c.account_id, c.entity_type, c.entity_id, true"                                                   \
  " FROM part p JOIN entities c ON c.parent_account = p.account_id WHERE p.below)"

/// Before and after everything, in PostgreSQL's range as well.
inline constexpr time_point earliest_time{std::chrono::sys_days{std::chrono::January / 1 / 1}};
inline constexpr time_point latest_time{std::chrono::sys_days{std::chrono::January / 1 / 10'000}};

} // namespace tessera::persistence
