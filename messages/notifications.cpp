#include "messages/notifications.hpp"

#include <array>

namespace tessera {

namespace {

constexpr std::array<std::string_view, 3> channels{"email", "sms", "webhook"};
constexpr std::array<std::string_view, 7> notification_statuses{
    "queued", "claimed", "sent", "delivered", "skipped", "suppressed", "dead"};
constexpr std::array<std::string_view, 5> failures{
    "", "transient", "ambiguous", "permanent_recipient", "permanent_config"};

template <class Enum, std::size_t Count>
std::optional<Enum> parse(const std::array<std::string_view, Count>& words, std::string_view text) {
  for (std::size_t i = 0; i < Count; ++i)
    if (words[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

} // namespace

std::string_view to_string(notification_channel channel) {
  return channels[static_cast<std::size_t>(channel)];
}
std::optional<notification_channel> parse_notification_channel(std::string_view text) {
  return parse<notification_channel>(channels, text);
}
std::string_view to_string(notification_status status) {
  return notification_statuses[static_cast<std::size_t>(status)];
}
std::optional<notification_status> parse_notification_status(std::string_view text) {
  return parse<notification_status>(notification_statuses, text);
}
std::string_view to_string(delivery_failure failure) {
  return failures[static_cast<std::size_t>(failure)];
}

} // namespace tessera
