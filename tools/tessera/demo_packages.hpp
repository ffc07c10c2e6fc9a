#pragma once

#include "persistence/pg/connection.hpp"

#include <string>

namespace tessera::cli {

/// What the demo's tenant sells (contract 4). Packages that are there stay as they are.
void make_demo_packages(pg::connection& session, const std::string& tenant);

} // namespace tessera::cli
