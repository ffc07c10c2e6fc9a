#pragma once

#include "http/routing/response.hpp"
#include "tools/paysim/sandbox.hpp"
#include "tools/paysim/support/form.hpp"

namespace tessera::paysim {

http::response show_checkout(sandbox& account, const document& session);
/// Does what the button says and sends the payer on.
http::response act_on_checkout(sandbox& account, document& session, const form_node& form);

http::response show_challenge(const document& intent);
http::response act_on_challenge(sandbox& account, document& intent, const form_node& form);

} // namespace tessera::paysim
