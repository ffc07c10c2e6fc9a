#include "messages/invitations.hpp"

#include <array>
#include <utility>

namespace tessera {

namespace {

constexpr std::array<std::pair<invitation_status, std::string_view>, 6> statuses{{
    {invitation_status::pending, "pending"},
    {invitation_status::expired, "expired"},
    {invitation_status::accepted, "accepted"},
    {invitation_status::declined, "declined"},
    {invitation_status::cancelled, "cancelled"},
    {invitation_status::pending_approval, "pending_approval"},
}};

} // namespace

std::string_view to_string(invitation_status status) {
  for (const auto& [value, text] : statuses)
    if (value == status) return text;
  return {};
}

std::optional<invitation_status> parse_invitation_status(std::string_view text) {
  for (const auto& [value, name] : statuses)
    if (name == text) return value;
  return std::nullopt;
}

std::string_view to_string(invitation_channel channel) {
  switch (channel) {
  case invitation_channel::email: return "email";
  case invitation_channel::sms: return "sms";
  case invitation_channel::direct_link: return "direct_link";
  }
  return {};
}

} // namespace tessera
