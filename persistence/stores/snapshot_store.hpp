#pragma once

#include "messages/tenant_snapshot.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <memory>

namespace tessera::persistence {

/// A tenant at one version, for the node's copy; null: there is none. Runs as the writer, in no transaction.
/// Throws pg::error when the database fails; then the session is closed.
std::shared_ptr<const tenant_snapshot>
load_tenant(pg::connection& session, const tenant_id& tenant, std::chrono::milliseconds limit);

} // namespace tessera::persistence
