#pragma once

#include "actors/domain/access.hpp"
#include "messages/invitations.hpp"

#include <optional>
#include <string>

/// Who may invite whom, and who may see and change an invitation (R-I 3.4; decision 0054). Pure, over one
/// snapshot: that of the node at the door, and one of the rows themselves in the transaction of the change.
namespace tessera {

/// Rules 2, 3, 6 and 9 of somebody who invites. A key has no admin role: with the scope `invitations:write`
/// it invites plain users into what it is bound to, for its own application; editors where it may spend.
std::optional<grant_refusal>
why_not_invite(const authority& inviter, const grant& wanted, const tenant_snapshot& in);

/// All of the rules that need the tree, in the order in which reasons are looked for: whoever would give too
/// much is told that first.
std::optional<grant_refusal>
why_not_grantable(const authority& inviter, const grant& wanted, const tenant_snapshot& in);

/// What somebody is, for who made an invitation is named by it.
principal_kind kind_of(const authority& who);
/// Their own.
bool is_inviter(const authority& who, const principal& inviter);

/// Assignments within reach, all of them, or their own; those of the whole tenant see all.
bool may_see(
    const authority& who, const invitation_grant& grants, const principal& inviter, const tenant_snapshot& in
);
/// Cancel, update, resend: their own as long as they may invite at all, or what lies wholly in what they
/// administer.
bool may_manage(
    const authority& who, const invitation_grant& grants, const principal& inviter, const tenant_snapshot& in
);

/// An invitation belongs to the applications that it gives; one that gives none, to all.
bool is_for_application(const invitation_grant& grants, std::string_view application);

} // namespace tessera
