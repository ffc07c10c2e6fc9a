#pragma once

#include "messages/notifications.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace tessera {

/// One message that an event leads to. A new kind of notification is a row of the table in
/// notification_rules.cpp, and its template.
struct notification_rule {
  std::string_view kind; // of the event
  notification_channel channel = notification_channel::email;
  std::string_view template_key;
  audience to = audience::admins;
  still_wanted while_so = still_wanted::by_the_user;
  std::int16_t priority = 5; // lower goes first
};

/// What the event leads to; nothing where nobody is told.
std::vector<notification_rule> rules_of(std::string_view kind);
/// The rule by which a notification was made; null: there is none any more.
const notification_rule* find_rule(std::string_view kind, notification_channel channel);
std::span<const notification_rule> notification_rules();

} // namespace tessera
