// GET /accept-invitation: a plain page for invitees. It takes the token out of the address bar at once, asks
// with POST, and changes nothing by being opened: mail scanners open links (W-25, W-28).
#include "http/routes/invitations/invitations.hpp"
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

} // namespace tessera::http
