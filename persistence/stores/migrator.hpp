#pragma once

#include "persistence/pg/connection.hpp"

#include <string>
#include <vector>

namespace tessera::persistence {

/// Applies the migrations that the database lacks, one transaction each, and returns their names. Two at once
/// wait for each other. Throws std::runtime_error when the database holds a migration that this binary
/// doesn't know or knows differently, pg::error when the database fails.
std::vector<std::string> migrate(pg::connection& session);

/// Empty when the schema is exactly what this binary knows, else the reason, for people.
std::string schema_problem(pg::connection& session);

} // namespace tessera::persistence
