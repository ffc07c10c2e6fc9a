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

/// The accounts below the entity that the key is bound to, itself included; nothing when it is bound to none.
visible_accounts visible_to(const caller& who);

} // namespace tessera::http
