#pragma once

#include "messages/journal.hpp"
#include "persistence/pg/connection.hpp"

#include <span>
#include <vector>

namespace tessera::persistence {

/// What a round does to the rows of holds: a hold that it opens and closes costs one row and no change of it.
void add_hold_statements(std::vector<pg::statement>& into, std::span<const write_set* const> round);

} // namespace tessera::persistence
