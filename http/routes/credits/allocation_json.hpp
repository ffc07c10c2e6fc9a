#pragma once

#include "http/auth/caller.hpp"
#include "http/json/writer.hpp"
#include "messages/allocations.hpp"

namespace tessera::http {

/// `"allocations":[…]` into the open object: the legs with what became of each.
void write_legs(json::writer& out, const tessera::allocation& made);

/// The Allocation shape (shapes.md) into the open object.
void write_allocation(json::writer& out, const tessera::allocation& made);

bool has_pending_leg(const tessera::allocation& made);

/// The accounts whose ledger the caller may read.
visible_accounts visible_to(const caller& who);

} // namespace tessera::http
