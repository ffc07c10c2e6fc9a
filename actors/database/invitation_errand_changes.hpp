#pragma once

#include "actors/database/invitation_changes.hpp"
#include "messages/invitation_errands.hpp"

/// One function for each errand (messages/invitation_errands.hpp); for invitation_*.cpp of this folder only.
namespace tessera {

result<invitation_answer>
carry_out(pg::transaction& in, const request_new_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const revoke_invitation_access& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const decide_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const create_invitation_link& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const revoke_invitation_link& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const list_invitation_links& query, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const invitation_link_query& query, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const preview_invitation_link& query, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const join_by_link& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const erase_person& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const export_person& query, const invitation_means& means);

} // namespace tessera
