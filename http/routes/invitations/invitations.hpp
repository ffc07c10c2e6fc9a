#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// Invitations: one file for each endpoint, or for a few that are alike.
namespace tessera::http {

caller_handler create_invitation(service& with);
caller_handler invitations(service& with);
caller_handler one_invitation(service& with);
caller_handler edit_invitation(service& with);
caller_handler cancel_invitation(service& with);
caller_handler resend_invitation(service& with);
caller_handler invitation_activities(service& with);
caller_handler check_invitation(service& with);
caller_handler invitation_analytics(service& with);
caller_handler revoke_invitation_access(service& with);
caller_handler approve_invitation(service& with);
caller_handler reject_invitation(service& with);

// With a token: by anybody, or by somebody who is signed in.
handler look_up_invitation(service& with);
handler accept_invitation(service& with);
caller_handler accept_invitation_signed_in(service& with);
handler decline_invitation(service& with);
handler request_new_invitation(service& with);

// One's own.
caller_handler own_invitations(service& with);
caller_handler accept_own_invitation(service& with);
caller_handler decline_own_invitation(service& with);

handler accept_page();
handler accept_page_script();
handler accept_page_style();

} // namespace tessera::http
