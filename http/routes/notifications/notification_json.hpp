#pragma once

#include "http/json/writer.hpp"
#include "http/routing/response.hpp"
#include "messages/idempotency.hpp"
#include "messages/notification_views.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Notifications and deliveries in JSON (shapes.md).
namespace tessera::http {

void write_notification(json::writer& out, const notification_view& view);
void write_delivery(json::writer& out, const notification_view& view);
kept_answer word_notification(const notification_view& view);
kept_answer word_delivery(const notification_view& view);

/// The id in a path; nothing where it can be none.
std::optional<uuid> notification_id_of(std::string_view text);

// A cursor's place: a position in the order in which notifications were made.
std::string position_text(const notification_view& view);
void begin_behind(list_notifications& wanted, const std::optional<std::string>& place);

} // namespace tessera::http
