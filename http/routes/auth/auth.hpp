#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// The routes of signing in, one file each.
namespace tessera::http {

handler login(service& with);
handler refresh(service& with);
handler logout(service& with);
handler forgot(service& with);
handler reset(service& with);
handler verify_address(service& with);
handler jwks(service& with);
caller_handler me(service& with);

} // namespace tessera::http
