#pragma once

#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>

namespace tessera::persistence {

/// Records that invitations are over, of all tenants, as the writer: at most so many, the longest due first;
/// how many. Throws pg::error when the database fails.
std::int64_t expire_invitations(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

/// Forgets whom invitations were for that ended more than so many days ago, at most so many; how many. The
/// hash of the address with `pepper` is kept.
std::int64_t forget_old_invitees(
    pg::connection& session,
    std::int64_t days,
    std::int64_t most,
    const digest& pepper,
    std::chrono::milliseconds limit
);

/// Likewise the rows of jobs, of 10,000 each, that ended or were left paused; how many jobs.
std::int64_t forget_old_jobs(
    pg::connection& session, std::int64_t days, std::int64_t most, std::chrono::milliseconds limit
);

/// Reminds those whose time it is, and tells inviters of what is over: at most so many each; how many.
std::int64_t remind_and_tell(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

} // namespace tessera::persistence
