#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/directory/user_json.hpp"

namespace tessera::http {

/// The assignments within the caller's reach, and the applications that are the caller's too.
visible_access visible_to(const caller& who);

} // namespace tessera::http
