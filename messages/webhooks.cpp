#include "messages/webhooks.hpp"

#include <algorithm>
#include <array>

namespace tessera {

namespace {

constexpr std::array<std::string_view, 13> kinds{
    "credits.purchased",
    "credits.allocated",
    "credits.low",
    "credits.depleted",
    "credits.expiring",
    "credits.expired",
    "credits.refunded",
    "invitation.created",
    "invitation.resent",
    "invitation.reminded",
    "invitation.cancelled",
    "invitation.accepted",
    "invitation.expired"};

} // namespace

bool is_webhook_event(std::string_view kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

} // namespace tessera
