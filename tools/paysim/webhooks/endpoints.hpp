#pragma once

#include "tools/paysim/sandbox.hpp"

#include <string>
#include <string_view>

namespace tessera::paysim {

/// A place to which events are posted; it wants every type. Its secret is made where none is given.
document& add_webhook_endpoint(sandbox& account, std::string_view url, std::string secret);

/// From now on it signs with the new secret, and with the old one too while `keeps_old`.
void change_secret(sandbox& account, document& endpoint, std::string secret, bool keeps_old);

} // namespace tessera::paysim
