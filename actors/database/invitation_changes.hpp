#pragma once

#include "actors/domain/access.hpp"
#include "actors/support/token_secret.hpp"
#include "messages/invitations.hpp"
#include "messages/tenant_snapshot.hpp"
#include "persistence/pg/connection.hpp"

#include <memory>
#include <optional>
#include <string>

/// Changes of invitations, each in one transaction of the tenant that commits when there is no rejection;
/// refusals are answers (messages/invitations.hpp). The tenant of a token is found out in the transaction.
namespace tessera {

/// What is made before the transaction begins.
struct invitation_means {
  const token_secret* secret = nullptr;
  std::string new_invitation; // ids
  std::string new_user;
  inbox_id new_reservation;
  bool only_tries = false; // what comes of it is undone
};

result<invitation_answer>
carry_out(pg::transaction& in, const create_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const edit_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const cancel_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const resend_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const accept_invitation& command, const invitation_means& means);
result<invitation_answer>
carry_out(pg::transaction& in, const decline_invitation& command, const invitation_means& means);
/// What happens seldom; it enters its tenant itself.
result<invitation_answer> carry_out(
    pg::transaction& in, const std::shared_ptr<const invitation_errand>& errand, const invitation_means& means
);
/// Of jobs of many (messages/invitation_jobs.hpp).
result<invitation_answer> carry_out(
    pg::transaction& in, const std::shared_ptr<const invitation_job_call>& call, const invitation_means& means
);

result<invitation_preview> preview(pg::transaction& in, const preview_invitation& query);

} // namespace tessera
