#pragma once

#include "http/auth/caller.hpp"

namespace tessera::http {

/// Has it written down that the caller's key was used, once a minute at most on each io thread. Nobody waits
/// for it, and where the database has no time for it the use is forgotten.
void note_key_use(gateway& behind, const caller& who, const request& request);

} // namespace tessera::http
