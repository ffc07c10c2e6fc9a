#pragma once

#include "http/auth/caller.hpp"
#include "http/json/writer.hpp"
#include "http/routing/response.hpp"
#include "messages/allocations.hpp"

namespace tessera::http {

/// The Allocation shape (shapes.md) into the open object.
void write_allocation(json::writer& out, const tessera::allocation& made);

bool has_pending_leg(const tessera::allocation& made);

/// What the one who asked for it is told: with `status` when all has arrived, with 202 when not. Who may not
/// read what the receivers have is told neither their balances nor their lots.
response answer_about(const allocation_outcome& told, unsigned status, bool may_read_receivers = true);

/// Takes out what receivers have whose ledger the caller may not read: of what went up to them.
void forget_unread(tessera::allocation& made, const visible_accounts& visible);

/// The accounts whose ledger the caller may read.
visible_accounts visible_to(const caller& who);

} // namespace tessera::http
