#pragma once

#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>

namespace tessera::persistence {

/// Deletes `portion` at most of each: notifications that are over and older than `keep`; events of that age
/// that nothing waits for any more; tokens that are no good and of that age. How many there were. As the
/// writer, across tenants; throws pg::error when the database fails.
std::int64_t delete_what_is_over(
    pg::connection& session, std::chrono::hours keep, int portion, std::chrono::milliseconds limit
);

} // namespace tessera::persistence
