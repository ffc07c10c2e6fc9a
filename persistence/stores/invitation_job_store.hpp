#pragma once

#include "messages/invitation_jobs.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Jobs of many invitations. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// With its rows: those that are refused already, the others waiting.
void insert_job(pg::transaction& in, const tenant_id& tenant, const submit_invitations& job);

/// Who else wants it waits until the transaction ends.
std::optional<invitation_job> hold_job(pg::transaction& in, const tenant_id& tenant, const std::string& id);
/// The same, but nothing where somebody else has it.
std::optional<invitation_job> claim_job(pg::transaction& in, const tenant_id& tenant, const std::string& id);
std::optional<invitation_job> find_job(pg::transaction& in, const tenant_id& tenant, const std::string& id);
/// By state, into `job.rows`.
void count_job_rows(pg::transaction& in, const tenant_id& tenant, invitation_job& job);
invitation_job_page
job_page(pg::transaction& in, const tenant_id& tenant, invitation_job job, const invitation_job_query& query);

void write_job_state(pg::transaction& in, const tenant_id& tenant, const std::string& id, job_state state);
/// It goes on then; and others' turn comes first.
void write_job_pause(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::optional<time_point>& resumes_at
);

/// A row that waits, as it is to be invited.
struct waiting_row {
  std::int64_t number = 0;
  create_invitation wanted;
};
/// The first ones, in their order.
std::vector<waiting_row>
waiting_rows(pg::transaction& in, const tenant_id& tenant, const std::string& id, std::int64_t most);
struct row_outcome {
  job_row_state state = job_row_state::invited;
  std::string invitation;
  job_refusal refused;
};
void write_row_outcome(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::int64_t number,
    const row_outcome& outcome
);
/// What was set aside for it; nothing: nothing any more.
void write_row_reservation(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::int64_t number,
    const std::optional<inbox_id>& reservation
);
/// All that wait.
void skip_job_rows(pg::transaction& in, const tenant_id& tenant, const std::string& id);

/// Jobs of all tenants that can go on, as the writer: those that were looked at longest ago first.
std::vector<std::pair<tenant_id, std::string>>
jobs_to_work_on(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

} // namespace tessera::persistence
