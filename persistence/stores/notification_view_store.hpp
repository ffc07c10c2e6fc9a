#pragma once

#include "messages/notification_views.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

/// Notifications of a tenant, for those who administer it. Inside a transaction of the tenant; throws
/// pg::error when the database fails.
namespace tessera::persistence {

notification_page notifications_of(pg::transaction& in, const list_notifications& query);
result<notification_view> retry(pg::transaction& in, const retry_notification& command);

} // namespace tessera::persistence
