#pragma once

#include "messages/journal.hpp"
#include "persistence/pg/connection.hpp"

#include <span>
#include <vector>

namespace tessera::persistence {

/// What a round needs beside its entries: what accounts leave in each other's inboxes, first answers that are
/// remembered, and the events that are told to the world. Nothing where there is none of it.
void add_transfer_statements(std::vector<pg::statement>& into, std::span<const write_set* const> round);

/// Whether there are any such events.
bool tells_others(const write_set& set);

} // namespace tessera::persistence
