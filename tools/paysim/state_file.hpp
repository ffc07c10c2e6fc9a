#pragma once

#include "tools/paysim/api/idempotency.hpp"
#include "tools/paysim/sandbox.hpp"

#include <string>

namespace tessera::paysim {

/// Writes everything down, whole or not at all: objects, idempotency keys and how far the clock was put
/// forward.
void save(const std::string& file, const sandbox& account, const idempotency& keys);

/// Goes on from there; a file that is not there is an empty sandbox. What was under way comes to its end, and
/// events that nobody took are posted again. Endpoints are not kept: flags and tests name them anew. Throws
/// std::runtime_error for what is no such file.
void load(const std::string& file, sandbox& account, idempotency& keys);

} // namespace tessera::paysim
