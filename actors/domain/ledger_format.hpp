#pragma once

#include "messages/journal.hpp"

#include <string>

namespace tessera {

/// Appends the bytes that an entry's hash covers: everything of the entry except `hash` itself, and the terms
/// of the lots that it opened, which never change; not `free` and `held`, which follow from the entries. The
/// layout is published in docs/ledger-format.md and never changes for version 1: big-endian, strings and
/// lists length-prefixed, domain tag first.
void append_canonical(std::string& out, const account_event& event);

} // namespace tessera
