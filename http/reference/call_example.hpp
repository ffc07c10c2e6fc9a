#pragma once

#include "http/reference/operation.hpp"

namespace tessera::reference {

/// A call with curl, for a shell where BASE, KEY and, where the path has one, ID are set.
std::string call_example(const api_document& document, const operation& shown);

/// Whether it may be called without saying who calls.
bool is_open(const operation& shown);

} // namespace tessera::reference
