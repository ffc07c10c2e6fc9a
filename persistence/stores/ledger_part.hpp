#pragma once

#include "messages/types/time.hpp"

#include <chrono>

/// What the statements that read a part of the ledger have in common.
namespace tessera::persistence {

/// $1 root, $2 with descendants: the entities of the part as `part (account_id, entity_type, entity_id)`, for
/// use behind WITH RECURSIVE.
#define TESSERA_LEDGER_PART                                                                                  \
  "part AS ("                                                                                                \
  " SELECT n.account_id, n.entity_type, n.entity_id FROM entities n WHERE n.account_id = $1"                 \
  " UNION ALL"                                                                                               \
  " SELECT c.account_id, c.entity_type, c.entity_id"                                                         \
  " FROM part p JOIN entities c ON c.parent_account = p.account_id WHERE $2)"

/// Before and after everything, in PostgreSQL's range as well.
inline constexpr time_point earliest_time{std::chrono::sys_days{std::chrono::January / 1 / 1}};
inline constexpr time_point latest_time{std::chrono::sys_days{std::chrono::January / 1 / 10'000}};

} // namespace tessera::persistence
