#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/directory/user_json.hpp"

namespace tessera::http {

/// Those within the caller's reach.
assignment_filter visible_assignments(const caller& who);

} // namespace tessera::http
