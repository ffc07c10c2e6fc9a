#pragma once

#include "messages/privacy.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is known of one person. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// Invitations that are pending or wait for approval.
std::vector<std::string>
open_invitations_to(pg::transaction& in, const tenant_id& tenant, std::string_view canonical);

/// Nobody works on jobs that have rows for that address before the transaction ends. First of all locks: who
/// works on a job takes others after it.
void lock_jobs_of(pg::transaction& in, const tenant_id& tenant, std::string_view canonical);

/// Forgets whom the invitations were for that are not open any more, here, in rows of jobs, and in what was
/// sent and answered; how many. The hash of the address with `pepper` is kept.
std::int64_t
erase_invitee(pg::transaction& in, const tenant_id& tenant, std::string_view canonical, const digest& pepper);

/// At most a thousand invitations, messages, and rows of jobs.
personal_data known_of(pg::transaction& in, const tenant_id& tenant, std::string_view canonical);

} // namespace tessera::persistence
