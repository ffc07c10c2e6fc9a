#pragma once

#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>

namespace tessera::persistence {

/// Records that invitations are over, of all tenants, as the writer: at most so many, the longest due first;
/// how many. Throws pg::error when the database fails.
std::int64_t expire_invitations(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

} // namespace tessera::persistence
