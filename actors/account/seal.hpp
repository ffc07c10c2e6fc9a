#pragma once

#include "messages/journal.hpp"

namespace tessera {

/// Completes decided events: the writer, and each entry's hash over the one before it and the lots it opens.
void seal(write_set& writes, const digest& previous, const node_incarnation& writer);

/// The first entry of a new account, sealed.
entry genesis_entry(
    const account_id& account, const tenant_id& tenant, time_point opened_at, const node_incarnation& writer
);

} // namespace tessera
