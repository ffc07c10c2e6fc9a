#pragma once

#include "messages/notifications.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>

namespace tessera {

/// The notification with what there is to say of it now (R-C 3.12 `re-read at send time`): of credits that
/// end those that are free still, and of a balance that was low when nobody could be told what is there
/// since. Nothing: there is no cause any more. Throws pg::error when the database fails.
std::optional<claimed_notification>
as_it_is_now(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit);

} // namespace tessera
