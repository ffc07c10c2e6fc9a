#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// Links that many may use: one file for those who make them, one for those who come by them.
namespace tessera::http {

caller_handler create_invitation_link(service& with);
caller_handler invitation_links(service& with);
caller_handler one_invitation_link(service& with);
caller_handler revoke_invitation_link(service& with);

handler look_up_invitation_link(service& with);
handler join_by_link(service& with);
handler join_page();
handler join_page_script();

} // namespace tessera::http
