#pragma once

#include "messages/notifications.hpp"
#include "messages/types/credits.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>

/// What has become of what a claimed notification is about since it was made. As the writer, across tenants;
/// throws pg::error when the database fails.
namespace tessera::persistence {

/// The user administers the entity that it is about, or one above it. Where it is about none: the tenant.
/// Or is who asked for it, where `or_bought`.
bool administers(
    pg::connection& session, const claimed_notification& one, bool or_bought, std::chrono::milliseconds limit
);

/// What is free of its lot.
credits free_now(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit);

/// What its account has available, when what it tells of is not of just now; nothing: it is.
std::optional<credits>
available_since(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit);

} // namespace tessera::persistence
