#pragma once

#include "messages/journal.hpp"
#include "persistence/pg/connection.hpp"

#include <span>
#include <vector>

namespace tessera::persistence {

/// When an account's holds are to be looked at, where the round changes that. What a hold is is in its
/// entries alone.
void add_hold_reminders(std::vector<pg::statement>& into, std::span<const write_set* const> round);

} // namespace tessera::persistence
