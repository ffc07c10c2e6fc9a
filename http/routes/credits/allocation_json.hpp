#pragma once

#include "http/auth/caller.hpp"
#include "http/json/writer.hpp"
#include "http/routing/response.hpp"
#include "messages/allocations.hpp"

namespace tessera::http {

/// The Allocation shape (shapes.md) into the open object.
void write_allocation(json::writer& out, const tessera::allocation& made);

bool has_pending_leg(const tessera::allocation& made);

/// What the one who asked for it is told: with `status` when all has arrived, with 202 when not.
response answer_about(const allocation_outcome& told, unsigned status);

/// The accounts whose ledger the caller may read.
visible_accounts visible_to(const caller& who);

} // namespace tessera::http
