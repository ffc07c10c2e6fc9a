#include "http/routing/invitation_problem.hpp"

#include "http/json/writer.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

struct flaw_row {
  unsigned status;
  std::string_view code;
  std::string_view title;
};

flaw_row row_of(invitation_flaw flaw) {
  switch (flaw) { // no default: a new flaw does not compile until it has a status
  case invitation_flaw::unknown: return {404, "invitation_not_found", "There is no such invitation"};
  case invitation_flaw::role_not_grantable:
    return {403, "role_not_grantable", "The role is not yours to give"};
  case invitation_flaw::not_the_recipient:
    return {403, "not_the_recipient", "The invitation is for somebody else"};
  case invitation_flaw::email_not_verified:
    return {403, "email_not_verified", "Nobody knows whether the address is yours"};
  case invitation_flaw::not_manageable:
    return {403, "entity_out_of_scope", "The invitation is not the caller's to change"};
  case invitation_flaw::own_approval:
    return {403, "own_approval", "Somebody else must decide than whoever invited or is invited"};
  case invitation_flaw::sign_in_required:
    return {401, "sign_in_required", "There is an account: sign in, then accept"};
  case invitation_flaw::already_pending:
    return {409, "invitation_already_pending", "They are invited already"};
  case invitation_flaw::already_member: return {409, "already_member", "They have all of it already"};
  case invitation_flaw::not_pending: return {409, "invitation_not_pending", "The invitation is over"};
  case invitation_flaw::not_accepted:
    return {409, "invitation_not_accepted", "Nothing was given by the invitation yet"};
  case invitation_flaw::not_waiting:
    return {409, "invitation_not_pending_approval", "The invitation waits for nobody's approval"};
  case invitation_flaw::already_accepted:
    return {409, "invitation_already_accepted", "The invitation was accepted"};
  case invitation_flaw::authority_lost:
    return {409, "invitation_authority_lost", "Whoever invited may not give this any more"};
  case invitation_flaw::changed:
    return {409, "invitation_changed", "The invitation gives something else by now"};
  case invitation_flaw::declined: return {410, "invitation_declined", "The invitation was declined"};
  case invitation_flaw::cancelled: return {410, "invitation_cancelled", "The invitation was cancelled"};
  case invitation_flaw::expired: return {410, "invitation_expired", "The invitation is over"};
  case invitation_flaw::superseded: return {410, "invitation_superseded", "A newer message was sent"};
  case invitation_flaw::link_unknown: return {404, "invitation_link_not_found", "There is no such link"};
  case invitation_flaw::link_expired: return {410, "invitation_link_expired", "The link is over"};
  case invitation_flaw::link_revoked: return {410, "invitation_link_revoked", "The link was revoked"};
  case invitation_flaw::link_used_up:
    return {410, "invitation_link_used_up", "As many as may have used the link"};
  case invitation_flaw::self_invitation: return {422, "self_invitation", "Nobody invites themselves"};
  case invitation_flaw::domain_not_allowed:
    return {422, "domain_not_allowed", "The tenant takes no addresses of this domain"};
  case invitation_flaw::password_not_taken:
    return {422, "password_not_taken", "There is an account with a password of its own"};
  case invitation_flaw::terms_not_accepted: return {422, "terms_not_accepted", "The terms must be accepted"};
  case invitation_flaw::too_soon: return {429, "resend_too_soon", "It was sent a moment ago"};
  case invitation_flaw::too_many_resends: return {429, "resend_limit_reached", "It was sent too often"};
  case invitation_flaw::too_many_for_recipient:
    return {429, "recipient_limit_reached", "They were invited too often lately"};
  case invitation_flaw::too_many_of_inviter: return {429, "rate_limited", "You invited too many lately"};
  case invitation_flaw::too_many_of_tenant:
    return {429, "rate_limited", "The tenant invited too many lately"};
  case invitation_flaw::too_many_pending:
    return {409, "too_many_pending_invitations", "The tenant has too many pending invitations"};
  }
  return {500, "internal_error", "Something went wrong here"};
}

} // namespace

std::string_view code_of(invitation_flaw flaw) {
  return row_of(flaw).code;
}

problem problem_of(const invitation_refusal& why) {
  const auto [status, code, title] = row_of(why.flaw);
  auto p = simple_problem(status, code, title, why.detail);
  if (status == 429) p.retry_after_seconds = static_cast<int>(why.retry_after_seconds);
  if (status == 401) p.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (!why.invitation.empty()) {
    json::writer out(p.extensions);
    out.begin_object().field("invitationId", why.invitation).end_object();
    p.extensions = p.extensions.substr(1, p.extensions.size() - 2); // the member without the braces
  }
  return p;
}

} // namespace tessera::http
