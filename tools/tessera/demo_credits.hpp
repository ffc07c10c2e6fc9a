#pragma once

#include "persistence/pg/connection.hpp"

#include <string>

namespace tessera::cli {

/// Buys and spends what makes the brief's examples true, through the API and with fixed keys, so that a
/// second run replays: org-123 2000 of which 1200 are used by crm, org-456 1500 and 800, loc-123 500 and 300,
/// loc-456 800 and 400. Throws std::runtime_error when the service refuses.
void make_demo_credits(
    pg::connection& session, const std::string& tenant, const std::string& base_url, const std::string& key
);

} // namespace tessera::cli
