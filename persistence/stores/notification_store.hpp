#pragma once

#include "messages/message_wordings.hpp"
#include "messages/notifications.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// Notifications on their way: claimed, looked at again, reported. As the writer, across tenants; throws
/// pg::error when the database fails.
namespace tessera::persistence {

/// Takes some that are due, the urgent ones first, for `lease`. Those whose claim is over are due again: its
/// holder died, or has lost its right to report.
std::vector<claimed_notification> claim_notifications(
    pg::connection& session,
    notification_channel channel,
    const std::string& node_name,
    int most,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
);
/// What a former self of this node had claimed is due at once.
std::int64_t release_claims(
    pg::connection& session,
    notification_channel channel,
    const std::string& node_name,
    std::chrono::milliseconds limit
);

enum class readiness : std::uint8_t {
  ready,      // and the attempt counts from now on
  lost,       // somebody else has the claim
  unwanted,   // what it was about is not so any more
  suppressed, // the recipient gets nothing
};
/// Asked before each attempt.
readiness begin_attempt(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    still_wanted while_so,
    const digest& recipient_sha256,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
);

/// Says what became of it, if the claim still holds.
bool report(
    pg::connection& session,
    const claimed_notification& one,
    const delivery_report& told,
    std::chrono::milliseconds limit
);
/// Nothing more is sent to that recipient by that tenant.
void suppress_recipient(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    const digest& recipient_sha256,
    const std::string& masked,
    std::string_view reason, // bounce, optout
    std::chrono::milliseconds limit
);

/// What a message is written with: the tenant's wording, if it has one, and its branding.
struct stationery {
  std::string subject;
  std::string html;
  std::string text;         // empty: it has none of its own
  std::string organization; // the tenant as others know it
  std::string from_name;
  mail_look look;
};
stationery find_stationery(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    const std::vector<std::string>& locales,
    std::chrono::milliseconds limit
);

} // namespace tessera::persistence
