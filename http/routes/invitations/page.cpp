// GET /accept-invitation, GET /join: plain pages for invitees. They take the token out of the address bar at
// once, ask with POST, and change nothing by being opened: mail scanners open links (W-25, W-28).
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/links.hpp"
#include "http/routes/operations/page_file.hpp"

namespace tessera::http {

handler accept_page() {
  return page_of("accept.html");
}
handler accept_page_script() {
  return script_of("accept.js");
}
handler accept_page_style() {
  return style_of("accept.css");
}
handler join_page() {
  return page_of("join.html");
}
handler join_page_script() {
  return script_of("join.js");
}

} // namespace tessera::http
