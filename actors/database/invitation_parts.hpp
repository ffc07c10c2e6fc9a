#pragma once

#include "actors/database/invitation_changes.hpp"
#include "actors/domain/invitation.hpp"
#include "actors/domain/invitation_authority.hpp"

#include <functional>

/// What changes of invitations have in common; for invitation_*.cpp of this folder only.
namespace tessera {

inline invitation_answer refused(invitation_flaw flaw, std::string detail = {}) {
  invitation_answer answer;
  answer.refused = invitation_refusal{flaw, std::move(detail), {}, 0};
  return answer;
}
inline invitation_answer told(kept_answer answer) {
  return {std::nullopt, std::move(answer), {}};
}

/// Runs a change whose answer is kept under its key. What was refused is not kept.
result<invitation_answer> once(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::optional<idempotency_key>& key,
    const std::function<result<invitation_answer>()>& change
);

/// Whoever made an invitation or wants to change one, by the rows of this instant.
class present_authority {
public:
  /// Nothing: they are not there any more, or not active.
  static std::optional<present_authority>
  of(pg::transaction& in,
     const tenant_id& tenant,
     const principal& who,
     const invitation_grant& grants,
     const std::vector<assignment>& besides = {});
  /// Somebody who may everything.
  static present_authority of_the_tenant(
      pg::transaction& in,
      const tenant_id& tenant,
      const invitation_grant& grants,
      const std::vector<assignment>& besides = {}
  );

  const tenant_snapshot& rows() const { return *rows_; }
  authority rights() const;
  /// The rules of R-I 3.4 that need the tree, for what is to be given. An entity that is gone is out of
  /// scope.
  std::optional<grant_refusal> why_not(const invitation_grant& wanted) const;

private:
  std::shared_ptr<const tenant_snapshot> rows_;
  principal_kind kind_ = principal_kind::system;
};

/// As the rules want it. Nothing: an entity is not there any more.
std::optional<grant> grant_of(const invitation_grant& wanted, const tenant_snapshot& in);

/// How the rules say no. What is told as a flaw has a code of its own; the others are rejections.
result<invitation_answer> refusal_of(const grant_refusal& why, const invitation_grant& wanted);

/// Locks the invitation and reads it as it is now; what is over is recorded as over. Nothing: there is none,
/// or the caller may not see it.
std::optional<invitation_view> hold_invitation(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const invitation_filter& sees
);

/// The invitation, held, if the caller may change it; or how that is refused. The directory is kept or
/// awaited already.
struct managed_invitation {
  std::optional<invitation_view> invitation;
  std::optional<result<invitation_answer>> refused;
};
managed_invitation manage_invitation(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const invitation_filter& sees,
    const principal& by
);

/// Whether somebody else must agree before it can be accepted: by the tenant's policy, of what makes a
/// tenant_admin, unless the operator invites or what it gives now was approved.
bool needs_approval(
    pg::transaction& in, const tenant_id& tenant, const invitation_view& invitation, const principal& by
);

/// The operator sends it by its id, or says what it gives, where that would need somebody's approval: that is
/// one, of what it gives now. Activities say so.
void note_operators_approval(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const invitation_origin& by
);

/// Sends it again for whoever asked for another of the same person: they have not said that they agree to
/// what this one gives, so the operator's approval is not theirs.
result<invitation_answer>
send_the_pending_one(pg::transaction& in, const resend_invitation& command, const invitation_means& means);

/// Mints the tokens of a generation, and tells that there is something to send.
void send_invitation(
    pg::transaction& in,
    const tenant_id& tenant,
    const invitation_view& invitation,
    const token_secret& secret,
    std::string_view kind
);

/// What is answered with its token.
invitation_made made_of(
    pg::transaction& in,
    const tenant_id& tenant,
    const invitation_view& invitation,
    const std::string& base_url
);

std::string json_text(std::string_view text);

} // namespace tessera
