#pragma once

#include "messages/holds.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>

/// Reading holds, open and closed ones. Throws pg::error when the database fails.
namespace tessera::persistence {

std::optional<hold_view> find_hold(pg::transaction& in, const hold_query& query, time_point now);
hold_page holds_of(pg::transaction& in, const list_holds& query, time_point now);

} // namespace tessera::persistence
